import torch
from transformers import AutoModelForMaskedLM

teacher_model_id = "models/checkpoints/mini-bert"
student_model_id = "models/checkpoints/mini-student"
masked = [[101, 1996, 3460, 2435, 1996, 5776, 2070, 103, 2005, 1996, 3255, 1012, 102]]
labels = [[-100, -100, -100, -100, -100, -100, -100, 4200, -100, -100, -100, -100, -100]]

truth = torch.tensor([label for row in labels for label in row if label >= 0])
rows = []
for model_id in (teacher_model_id, student_model_id):
    model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")
    found = []
    with torch.inference_mode():
        for input_ids, row in zip(masked, labels, strict=True):
            found.append(model(input_ids=torch.tensor([input_ids])).logits[0, torch.tensor(row) >= 0])
    rows.append(torch.cat(found).log_softmax(-1))  # (N, V)
teacher, student = rows
print("same first token", (teacher.argmax(-1) == student.argmax(-1)).float().mean().item())
print("mean KL", (teacher.exp() * (teacher - student)).sum(-1).mean().item())
print("teacher right", (teacher.argmax(-1) == truth).float().mean().item())
print("student right", (student.argmax(-1) == truth).float().mean().item())
