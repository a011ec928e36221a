import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

teacher_model_id = "models/checkpoints/mini-bert"
student_model_id = "models/checkpoints/mini-student"
temperature = 2.0
masked_ids = [101, 1996, 3460, 2435, 1996, 5776, 2070, 103, 2005, 1996, 3255, 1012, 102]
positions = [7]
labels = [4200]  # -100: nobody knows

tokenizer = AutoTokenizer.from_pretrained(teacher_model_id)
rows = []
for model_id in (teacher_model_id, student_model_id):
    model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([masked_ids])).logits[0, positions].double()
    rows.append((logits / temperature).log_softmax(-1))  # (n, V)
teacher, student = rows
divergence = temperature**2 * (teacher.exp() * (teacher - student)).sum(-1)
for n, position in enumerate(positions):
    entropy, dark = -(teacher[n].exp() * teacher[n]).sum().item(), 1 - teacher[n].max().exp().item()
    print(
        "position",
        position,
        "T^2 KL",
        round(divergence[n].item(), 4),
        "entropy",
        round(entropy, 4),
        "dark",
        round(dark, 4),
    )
    best = {*teacher[n].topk(8).indices.tolist(), *student[n].topk(4).indices.tolist(), labels[n]} - {-100}
    for token_id in sorted(best, key=lambda one: -teacher[n, one]):
        name = tokenizer.convert_ids_to_tokens(token_id)
        print(name, round(teacher[n, token_id].exp().item(), 4), round(student[n, token_id].exp().item(), 4))
