import numpy as np
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, BertForNextSentencePrediction

model_id = "models/checkpoints/mini-bert"
next_model_id = "models/checkpoints/mini-bert"
head_file = "models/checkpoints/mini-sop/head.safetensors"
pair = ("The man went to the store.", "He bought a gallon of milk.")  # yours
# first sentence, the next one, one from elsewhere, and whether that is on a near topic
triples = [("The town was destroyed.", "It was rebuilt on a new plan.", "Penguins are flightless birds.", False)]

order = BertForNextSentencePrediction.from_pretrained(model_id, dtype="float32")
order.load_state_dict(load_file(head_file), strict=False)  # the same classes; now 0 means right order, 1 swapped
heads = {
    "SOP head": (AutoTokenizer.from_pretrained(model_id), order),
    "NSP head": (
        AutoTokenizer.from_pretrained(next_model_id),
        BertForNextSentencePrediction.from_pretrained(next_model_id, dtype="float32"),
    ),
}


def probability(tokenizer, model, first, second):  # of the right order, or of IsNext
    with torch.inference_mode():
        outputs = model(**tokenizer(first, second, return_tensors="pt"))
    return outputs.logits[0].double().softmax(-1)[0].item()


for name, head in heads.items():
    if pair:
        print(name, "A, then B", probability(*head, *pair))
        print(name, "B, then A", probability(*head, *pair[::-1]))
    if triples:
        following = np.array([probability(*head, first, after) for first, after, _, _ in triples])
        random = np.array([probability(*head, first, other) for first, _, other, _ in triples])
        swapped = np.array([probability(*head, after, first) for first, after, _, _ in triples])
        print(name, "accuracy NSP", np.concatenate([following >= 0.5, random < 0.5]).mean())
        print(name, "accuracy SOP", np.concatenate([following >= 0.5, swapped < 0.5]).mean())
        print(name, "right order ranked above swapped", (following > swapped).mean())
