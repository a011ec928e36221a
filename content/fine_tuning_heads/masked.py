import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
text = "He wrote a [MASK] about the war."

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")  # encoder and head, both trained

encoding = tokenizer(text, return_tensors="pt")
with torch.inference_mode():
    logits = model(**encoding).logits
print("logits", tuple(logits.shape))  # (B, L, V)
best = logits[0].softmax(-1).topk(3)
for token, shares, ids in zip(encoding.tokens(), best.values.tolist(), best.indices.tolist(), strict=True):
    print(token, list(zip(tokenizer.convert_ids_to_tokens(ids), shares, strict=True)))
