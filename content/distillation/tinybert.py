from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn.functional import mse_loss
from transformers import AutoModel

teacher_model_id = "models/checkpoints/mini-bert"
student_model_id = "models/checkpoints/mini-student"
masked_ids = [101, 1996, 3460, 2435, 1996, 5776, 2070, 103, 2005, 1996, 3255, 1012, 102]
layers = [2, 4, 6]  # g(1), g(2), g(3)

outputs, input_ids = [], torch.tensor([masked_ids])
for model_id in (teacher_model_id, student_model_id):
    model = AutoModel.from_pretrained(model_id, dtype="float32", attn_implementation="eager")
    with torch.inference_mode():
        outputs.append(model(input_ids=input_ids, output_hidden_states=True, output_attentions=True))
        embeddings = model.embeddings(input_ids=input_ids)  # the student's stay
teacher, student = outputs
file = Path(student_model_id) / "projection.safetensors"
weights = load_file(file) if file.exists() else {}


def error(narrow, wide, name):
    if name in weights:
        narrow = narrow @ weights[name].float().T
    return mse_loss(narrow, wide).item() if narrow.shape == wide.shape else None


print("embeddings", error(embeddings, teacher.hidden_states[0], "embeddings.weight"))
for m, g in enumerate(layers, 1):
    ours, theirs = student.attentions[m - 1], teacher.attentions[g - 1]  # (1, heads, L, L)
    if ours.shape != theirs.shape:
        ours, theirs = ours.mean(1), theirs.mean(1)
    hidden = error(student.hidden_states[m], teacher.hidden_states[g], "hidden.weight")
    print("layer", m, g, "attention", mse_loss(ours, theirs).item(), "hidden", hidden)
