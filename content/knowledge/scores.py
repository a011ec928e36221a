import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
items = [  # plain, behind the fact, behind a wrong word, the answer
    (
        "The capital of France is [MASK].",
        "Paris is the capital of France. The capital of France is [MASK].",
        "Milan? The capital of France is [MASK].",
        "paris",
    )
]

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")
ranks = []  # (n, 3)
for *sentences, answer in items:
    [token_id] = tokenizer(answer, add_special_tokens=False)["input_ids"]
    ranks.append([])
    for sentence in sentences:
        encoding = tokenizer(sentence.replace("[MASK]", tokenizer.mask_token), return_tensors="pt")
        with torch.inference_mode():
            logits = model(**encoding).logits[0]  # (L, V)
        blank = logits[encoding["input_ids"][0].tolist().index(tokenizer.mask_token_id)]
        ranks[-1].append(int((blank > blank[token_id]).sum()) + 1)
for name, column in zip(("plain", "fact", "wrong word"), torch.tensor(ranks, dtype=torch.float).T, strict=True):
    top1, top5 = (column == 1).float().mean().item(), (column <= 5).float().mean().item()
    print(name, "top-1", round(top1, 4), "top-5", round(top5, 4), "MRR", round((1 / column).mean().item(), 4))
