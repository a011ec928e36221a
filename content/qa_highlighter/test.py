import json
import re
import string
from collections import Counter
from pathlib import Path

import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

model_id = "models/checkpoints/mini-bert-squad"
file = "content/qa_highlighter/questions.json"
threshold = 0.0
longest_answer = 30
max_length = 384
doc_stride = 128

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForQuestionAnswering.from_pretrained(model_id)


def words(text):
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def f1(said, right):
    if not words(said) or not words(right):
        return float(words(said) == words(right))
    common = (Counter(words(said)) & Counter(words(right))).total()
    return 2 * common / (len(words(said)) + len(words(right)))


def answer(question, context):
    room = max_length - len(tokenizer(question)["input_ids"]) - 1  # behind [CLS] question [SEP], before the last [SEP]
    windows = tokenizer(
        question,
        context,
        truncation="only_second",
        max_length=max_length,
        stride=min(doc_stride, room - 8),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        padding=True,
        return_tensors="pt",
    )
    with torch.no_grad():
        outputs = model(**{name: windows[name] for name in tokenizer.model_input_names})
    spans = []
    for number, (start, end) in enumerate(zip(outputs.start_logits, outputs.end_logits, strict=True)):
        inside = [position for position, part in enumerate(windows.sequence_ids(number)) if part == 1]
        pairs = ((i, j) for i in inside for j in range(i, min(i + longest_answer, inside[-1] + 1)))
        i, j = max(pairs, key=lambda pair: start[pair[0]] + end[pair[1]])
        first, last = windows["offset_mapping"][number, i, 0], windows["offset_mapping"][number, j, 1]
        spans.append(((start[i] + end[j]).item(), context[first:last]))
    null = (outputs.start_logits[:, 0] + outputs.end_logits[:, 0]).min()
    return "" if null - max(spans)[0] > threshold else max(spans)[1]


exact, overlap = [], []
for article in json.loads(Path(file).read_text(encoding="utf-8"))["data"]:
    for paragraph in article["paragraphs"]:
        for qa in paragraph["qas"]:
            said = answer(qa["question"], paragraph["context"])
            right = [one["text"] for one in qa["answers"]] or [""]
            exact.append(max(words(said) == words(one) for one in right))
            overlap.append(max(f1(said, one) for one in right))
print(f"EM {100 * sum(exact) / len(exact):.2f} F1 {100 * sum(overlap) / len(overlap):.2f} n {len(exact)}")
