import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

model_id = "models/checkpoints/mini-bert-squad"
question = "Where did Maria die?"
context = "Maria was born in Paris, and she died in Berlin."
longest_answer = 30
max_length = 384
doc_stride = 128
top_n = 5

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

spans = {}
for number, (start, end) in enumerate(zip(outputs.start_logits, outputs.end_logits, strict=True)):
    tokens = windows["attention_mask"][number].bool()  # without the padding
    start, end = start[tokens], end[tokens]
    inside = [position for position, part in enumerate(windows.sequence_ids(number)) if part == 1]
    for i in inside:
        for j in range(i, min(i + longest_answer, inside[-1] + 1)):
            place = (windows["offset_mapping"][number, i, 0].item(), windows["offset_mapping"][number, j, 1].item())
            score = (start[i] + end[j]).item()
            probability = (start.softmax(0)[i] * end.softmax(0)[j]).item()
            spans[place] = max(spans.get(place, (score, probability)), (score, probability))

for (first, last), (score, probability) in sorted(spans.items(), key=lambda item: -item[1][0])[:top_n]:
    print(f"{score:.3f} {probability:.4f} {first} {last} {context[first:last]!r}")
print(f"no answer {(outputs.start_logits[:, 0] + outputs.end_logits[:, 0]).min():.3f}")
