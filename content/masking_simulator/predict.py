import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
corrupted_ids = [101, 1996, 103, 6223, 2083, 1996, 2103, 1012, 102]
labels = [-100, -100, 2314, -100, -100, -100, -100, -100, -100]

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")
with torch.inference_mode():
    logits = model(input_ids=torch.tensor([corrupted_ids])).logits[0]  # (L, V)

losses = []
for position, (token_id, label) in enumerate(zip(corrupted_ids, labels, strict=True)):
    if label == -100 and token_id != tokenizer.mask_token_id:
        continue
    probabilities = logits[position].softmax(-1)
    top = probabilities.topk(5)
    print(position, [(tokenizer.decode(i), round(p.item(), 4)) for p, i in zip(*top, strict=True)])
    if label != -100:
        losses.append(-probabilities[label].log())
        rank = int((probabilities > probabilities[label]).sum()) + 1
        print("  original", tokenizer.decode(label), "rank", rank, "loss", losses[-1].item())
if losses:
    print("mean loss", torch.stack(losses).mean().item())
