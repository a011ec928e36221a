import tomllib
from collections import Counter

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BertForNextSentencePrediction

model_id = "models/checkpoints/mini-bert"
reader_model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
context = "A woman puts a pan on the stove and cracks two eggs into it."
endings = ["She waits until they are done and slides them onto a plate.", "She closes the book."]
kind = "endings"  # or "near_endings"
contexts = 0  # so many of the bundled ones are scored too

tokenizer, reading = AutoTokenizer.from_pretrained(model_id), AutoTokenizer.from_pretrained(reader_model_id)
bert = BertForNextSentencePrediction.from_pretrained(model_id, dtype="float32")
reader = AutoModelForCausalLM.from_pretrained(reader_model_id, dtype="float32")


def score(context, endings):
    scalars = {"nsp": [], "sum": [], "mean": []}
    context, endings = context.rstrip(), [ending.strip() for ending in endings]
    start = reading(context, add_special_tokens=False)["input_ids"]
    for ending in endings:  # each ending is a sequence of its own
        own = reading(" " + ending, add_special_tokens=False)["input_ids"]
        with torch.inference_mode():
            scalars["nsp"].append(bert(**tokenizer(context, ending, return_tensors="pt")).logits[0, 0].item())
            logits = reader(input_ids=torch.tensor([start + own])).logits[0, len(start) - 1 : -1]  # (n, V)
        found = logits.log_softmax(-1)[range(len(own)), own]
        scalars["sum"].append(found.sum().item())
        scalars["mean"].append(found.mean().item())
    return scalars


for name, values in score(context, endings).items():
    print(name, *(round(value, 4) for value in values))
    print("softmax", *(round(share, 4) for share in torch.tensor(values).softmax(-1).tolist()))

with open("content/sentence_pairs/choices.toml", "rb") as file:
    items = tomllib.load(file)["item"][:contexts]
right = Counter()
for item in items:
    for name, values in score(item["context"], item[kind]).items():
        right[name] += values.index(max(values)) == item["right"]
for name, count in right.items():
    print(name, "right", count, "of", len(items))
