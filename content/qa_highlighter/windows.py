import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

model_id = "models/checkpoints/mini-bert-squad"
question = "Where did Maria die?"
context = "Maria was born in Paris, and she died in Berlin."
longest_answer = 30
max_length = 64
doc_stride = 16

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
for number in range(len(windows["input_ids"])):
    with torch.no_grad():
        outputs = model(**{name: windows[name][number : number + 1] for name in tokenizer.model_input_names})
    start, end = outputs.start_logits[0], outputs.end_logits[0]
    inside = [position for position, part in enumerate(windows.sequence_ids(number)) if part == 1]
    pairs = ((i, j) for i in inside for j in range(i, min(i + longest_answer, inside[-1] + 1)))
    i, j = max(pairs, key=lambda pair: start[pair[0]] + end[pair[1]])
    first, last = windows["offset_mapping"][number, i, 0], windows["offset_mapping"][number, j, 1]
    print(f"{number + 1} {start[i] + end[j]:.3f} {start[0] + end[0]:.3f} {context[first:last]!r}")
