from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn.functional import cosine_embedding_loss, cross_entropy, kl_div
from transformers import AutoModelForMaskedLM

teacher_model_id = "models/checkpoints/mini-bert"
student_model_id = "models/checkpoints/mini-student"
temperature = 2.0
masked_ids = [101, 1996, 3460, 2435, 1996, 5776, 2070, 103, 2005, 1996, 3255, 1012, 102]
positions = [7]
labels = [4200]  # -100: nobody knows

outputs = []
for model_id in (teacher_model_id, student_model_id):
    model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")
    with torch.inference_mode():
        outputs.append(model(input_ids=torch.tensor([masked_ids]), output_hidden_states=True))
teacher, student = (one.logits[0, positions] for one in outputs)  # (n, V)
soft = (teacher / temperature).softmax(-1)
divergence = kl_div((student / temperature).log_softmax(-1), soft, reduction="batchmean") * temperature**2
print("KL", divergence.item())
total = 5 * divergence.item()  # weights of the authors' training command
if max(labels) >= 0:
    loss = cross_entropy(student, torch.tensor(labels)).item()
    total += 2 * loss
    print("MLM", loss)

wide, narrow = (one.hidden_states[-1][0, positions] for one in outputs)
projection = Path(student_model_id) / "projection.safetensors"
if projection.exists():
    narrow = narrow @ load_file(projection)["hidden.weight"].float().T
if narrow.shape == wide.shape:
    cosine = cosine_embedding_loss(narrow, wide, torch.ones(len(positions))).item()
    total += cosine
    print("cosine", cosine)
print("weighted sum", total)
