import numpy as np
import torch
from transformers import AutoTokenizer, BertForNextSentencePrediction

model_id = "models/checkpoints/mini-bert"
# first sentence, the next one, one from elsewhere, and whether that is on a near topic
triples = [("The man went to the store.", "He bought a gallon of milk.", "Penguins are flightless birds.", False)]

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = BertForNextSentencePrediction.from_pretrained(model_id, dtype="float32")


def is_next(first, second):
    with torch.inference_mode():
        logits = model(**tokenizer(first, second, return_tensors="pt")).logits[0]  # (2,)
    return logits.double().softmax(-1)[0].item()


following = np.array([is_next(first, after) for first, after, _, _ in triples])
random = np.array([is_next(first, other) for first, _, other, _ in triples])
swapped = np.array([is_next(after, first) for first, after, _, _ in triples])
near = np.array([is_near for *_, is_near in triples], dtype=bool)
for name, found in {"next": following, "random": random[~near], "near": random[near], "swapped": swapped}.items():
    print("IsNext:", name, (found >= 0.5).sum(), "of", len(found))
print("accuracy next or random", np.concatenate([following >= 0.5, random < 0.5]).mean())
print("accuracy right order or swapped", np.concatenate([following >= 0.5, swapped < 0.5]).mean())
print("next ranked above random", (following > random).mean())
print("right order ranked above swapped", (following > swapped).mean())
