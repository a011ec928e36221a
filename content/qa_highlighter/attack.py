import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

model_id = "models/checkpoints/mini-bert-squad"
question = "Where did Maria die?"
context = "Maria was born in Paris, and she died in Berlin."
changed_question = "Where did Maria die?"
changed_context = "Maria was born in Paris, and she died in Berlin. In another story: Maria died in Morgan Hill."
longest_answer = 30
max_length = 384
doc_stride = 128

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForQuestionAnswering.from_pretrained(model_id)

for asked, passage in ((question, context), (changed_question, changed_context)):
    windows = tokenizer(
        asked,
        passage,
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
    spans = []
    for number, (start, end) in enumerate(zip(outputs.start_logits, outputs.end_logits, strict=True)):
        inside = [position for position, part in enumerate(windows.sequence_ids(number)) if part == 1]
        pairs = ((i, j) for i in inside for j in range(i, min(i + longest_answer, inside[-1] + 1)))
        i, j = max(pairs, key=lambda pair: start[pair[0]] + end[pair[1]])
        first, last = windows["offset_mapping"][number, i, 0], windows["offset_mapping"][number, j, 1]
        spans.append(((start[i] + end[j]).item(), passage[first:last]))
    null = (outputs.start_logits[:, 0] + outputs.end_logits[:, 0]).min()
    print(f"{max(spans)[0]:.3f} {null:.3f} {max(spans)[1]!r}")
