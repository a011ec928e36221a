import torch
from transformers import AlbertForPreTraining, AutoTokenizer

model_id = "albert-base-v2"
pairs = [("The man went to the store.", "He bought a gallon of milk.")]  # the first is yours

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AlbertForPreTraining.from_pretrained(model_id, dtype="float32")


def in_order(first, second):
    with torch.inference_mode():
        logits = model(**tokenizer(first, second, return_tensors="pt")).sop_logits[0]  # 0: original order, 1: swapped
    return logits.softmax(-1)[0].item()


found = [(in_order(a, b), in_order(b, a)) for a, b in pairs]
print("A, then B", found[0][0])
print("B, then A", found[0][1])
right = sum(written >= 0.5 for written, _ in found[1:]) + sum(swapped < 0.5 for _, swapped in found[1:])
print("accuracy", right / max(1, 2 * len(found[1:])))
