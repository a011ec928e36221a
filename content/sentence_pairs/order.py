import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, BertForNextSentencePrediction

model_id = "models/checkpoints/mini-bert"
head_file = "models/checkpoints/mini-sop/head.safetensors"
pairs = [("The man went to the store.", "He bought a gallon of milk.")]  # the first is yours

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = BertForNextSentencePrediction.from_pretrained(model_id, dtype="float32")
model.load_state_dict(load_file(head_file), strict=False)  # the same classes; now 0 means right order, 1 swapped


def in_order(first, second):
    with torch.inference_mode():
        logits = model(**tokenizer(first, second, return_tensors="pt")).logits[0]  # (2,)
    return logits.softmax(-1)[0].item()


found = [(in_order(a, b), in_order(b, a)) for a, b in pairs]
print("A, then B", found[0][0])
print("B, then A", found[0][1])
right = sum(written >= 0.5 for written, _ in found[1:]) + sum(swapped < 0.5 for _, swapped in found[1:])
print("accuracy", right / max(1, 2 * len(found[1:])))
