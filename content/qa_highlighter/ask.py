import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

model_id = "models/checkpoints/mini-bert-squad"
question = "Where did Maria die?"
context = "Maria was born in Paris, and she died in Berlin."
longest_answer = 30
max_length = 384
doc_stride = 128
threshold = 0.0

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForQuestionAnswering.from_pretrained(model_id)
windows = tokenizer(
    question,
    context,
    truncation="only_second",
    max_length=max_length,
    stride=doc_stride,
    return_overflowing_tokens=True,
    return_offsets_mapping=True,
    padding=True,
    return_tensors="pt",
)
with torch.no_grad():
    outputs = model(**{name: windows[name] for name in tokenizer.model_input_names})

spans, nulls = [], []
for number, (start, end) in enumerate(zip(outputs.start_logits, outputs.end_logits, strict=True)):
    tokens = windows["attention_mask"][number].bool()  # without the padding
    start, end = start[tokens], end[tokens]
    in_passage = torch.tensor([part == 1 for part in windows.sequence_ids(number)])[tokens]
    score = start[:, None] + end[None, :]  # (L, L)
    allowed = torch.ones_like(score).triu().tril(longest_answer - 1).bool() & in_passage & in_passage[:, None]
    best = score.masked_fill(~allowed, -torch.inf).argmax()
    i, j = divmod(best.item(), len(start))
    first, last = windows["offset_mapping"][number, i, 0], windows["offset_mapping"][number, j, 1]
    probability = start.softmax(0)[i] * end.softmax(0)[j]
    spans.append((score[i, j].item(), probability.item(), context[first:last]))
    nulls.append((start[0] + end[0]).item())  # [CLS]

score, probability, text = max(spans)
print(f"{text!r} {probability:.4f} {score:.3f}")
print(f"no answer {min(nulls):.3f}")
print("the model", "refuses" if min(nulls) - score > threshold else "answers")
