import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
items = [  # relation, plain, behind the fact, behind a wrong word, the answer
    (
        "capital",
        "The capital of France is [MASK].",
        "Paris is the capital of France. The capital of France is [MASK].",
        "Milan? The capital of France is [MASK].",
        "paris",
    )
]

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")
ranks = {}  # relation -> (n, 3)
for relation, *sentences, answer in items:
    [token_id] = tokenizer(answer, add_special_tokens=False)["input_ids"]
    ranks.setdefault(relation, []).append([])
    for sentence in sentences:
        encoding = tokenizer(sentence.replace("[MASK]", tokenizer.mask_token), return_tensors="pt")
        with torch.inference_mode():
            logits = model(**encoding).logits[0]  # (L, V)
        blank = logits[encoding["input_ids"][0].tolist().index(tokenizer.mask_token_id)]
        ranks[relation][-1].append(int((blank > blank[token_id]).sum()) + 1)
for relation, rows in ranks.items():
    for name, column in zip(("plain", "fact", "wrong word"), torch.tensor(rows, dtype=torch.float).T, strict=True):
        top1, top5, mrr = ((column == 1).float().mean(), (column <= 5).float().mean(), (1 / column).mean())
        print(relation, len(rows), name, f"top-1 {top1:.4f} top-5 {top5:.4f} MRR {mrr:.4f}")
