import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
beside_model_id = None  # or a second model
instruction = ""
input_label = "Review:"
output_label = "Sentiment:"
labels = ["positive", "negative"]
pool = [["I loved it.", "positive"], ["I hated it.", "negative"]]
items = [["What a joy.", ["positive"]], ["A bore.", ["negative"]]]
points = [[0, 0, 0, False], [2, 0, 0, False]]  # examples, seed of their choice, order, wrong labels
contains = False
calibrate = False


def write_prompt(shots, question):
    parts = [instruction] if instruction else []
    parts += [f"{input_label} {source}\n{output_label} {target}" for source, target in shots]
    return "\n\n".join([*parts, f"{input_label} {question}\n{output_label}"])


def choose(number, seed, order, wrong):
    chosen = np.random.default_rng(seed).permutation(len(pool))[:number]
    if order:
        chosen = np.random.default_rng(order).permutation(chosen)
    shots = [pool[place] for place in chosen]
    return [(s, labels[(labels.index(o) + 1) % len(labels)]) for s, o in shots] if wrong else shots


def log_probability(before, answer):
    before_ids = tokenizer(before, add_special_tokens=False)["input_ids"]
    answer_ids = tokenizer(f" {answer}", add_special_tokens=False)["input_ids"]
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([before_ids + answer_ids])).logits[0]
    rows = logits[len(before_ids) - 1 : -1].log_softmax(-1)
    return sum(row[i].item() for row, i in zip(rows, answer_ids, strict=True))


def answer(shots, question):
    prompt = write_prompt(shots, question)
    if labels:
        empty = write_prompt(shots, "N/A")
        return max(labels, key=lambda x: log_probability(prompt, x) - (log_probability(empty, x) if calibrate else 0))
    inputs = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
    sequence = model.generate(**inputs, max_new_tokens=12, do_sample=False)[0]
    said = tokenizer.decode(sequence[inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    return said.split("\n")[0]


def normal(said):
    return said.strip().rstrip(".!").strip().lower()


for name in filter(None, (model_id, beside_model_id)):
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = AutoModelForCausalLM.from_pretrained(name, dtype="float32")
    for number, seed, order, wrong in points:
        shots, right = choose(number, seed, order, wrong), 0
        for question, accepted in items:
            said = normal(answer(shots, question))
            right += any(normal(one) in said if contains else normal(one) == said for one in accepted)
        print(
            name, number, "examples, seed", seed, "order", order, "wrong labels", wrong, "accuracy", right / len(items)
        )
