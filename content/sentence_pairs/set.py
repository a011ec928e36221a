import torch
from transformers import AutoTokenizer, BertForNextSentencePrediction

model_id = "models/checkpoints/mini-bert"
triples = [("The man went to the store.", "He bought a gallon of milk.", "Penguins are flightless birds.")]

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = BertForNextSentencePrediction.from_pretrained(model_id, dtype="float32")


def is_next(first, second):
    with torch.inference_mode():
        logits = model(**tokenizer(first, second, return_tensors="pt")).logits[0]  # (2,)
    return logits.softmax(-1)[0].item() >= 0.5


following = [is_next(first, after) for first, after, _ in triples]
random = [is_next(first, other) for first, _, other in triples]
swapped = [is_next(after, first) for first, after, _ in triples]
print("IsNext: next", sum(following), "random", sum(random), "swapped", sum(swapped), "of", len(triples))
print("accuracy next or random", (sum(following) + len(triples) - sum(random)) / (2 * len(triples)))
print("accuracy right order or swapped", (sum(following) + len(triples) - sum(swapped)) / (2 * len(triples)))
