import numpy as np
from transformers import AutoTokenizer

model_id = "models/checkpoints/mini-bert"
text = "The river flows through the city."
selected = [2]  # positions that masked modelling predicts, counted without special tokens
seed = 1

tokenizer = AutoTokenizer.from_pretrained(model_id)
special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
length = sum(token_id not in special for token_id in tokenizer(text)["input_ids"])
order = np.random.default_rng([seed, 4]).permutation(length)  # of permutation modelling
turn = np.argsort(order)
sees = {  # (L, L): may the row see the column?
    "masked": np.ones((length, length), dtype=bool),
    "causal": np.tri(length, dtype=bool),
    "permutation": turn[None, :] < turn[:, None],
    "replaced": np.ones((length, length), dtype=bool),
}
losses = {"masked": len(selected), "causal": length - 1, "permutation": max(1, length // 6), "replaced": length}
for name, matrix in sees.items():
    print(name, "losses", losses[name], "of", length)
    for row in matrix.astype(int):
        print(*row)
