import torch
from transformers import AutoTokenizer, ElectraForPreTraining

model_id = "models/checkpoints/mini-electra"
input_ids = [101, 1996, 10026, 8823, 1996, 7954, 1012, 102]

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = ElectraForPreTraining.from_pretrained(model_id, dtype="float32")
with torch.inference_mode():
    logits = model(input_ids=torch.tensor([input_ids])).logits[0]  # (L,)
for token, probability in zip(tokenizer.convert_ids_to_tokens(input_ids), logits.sigmoid(), strict=True):
    print(token, round(probability.item(), 4))
