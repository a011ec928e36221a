import torch
from transformers import AutoTokenizer, ElectraForPreTraining

model_id = "models/checkpoints/mini-electra"
beside_model_id = "google/electra-small-discriminator"
text = "The chef ate the meal for his guests."

for name in (model_id, beside_model_id):
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = ElectraForPreTraining.from_pretrained(name, dtype="float32")
    encoding = tokenizer(text, return_tensors="pt")
    with torch.inference_mode():
        probabilities = model(**encoding).logits[0].sigmoid()  # (L,)
    for token_id, probability in zip(encoding["input_ids"][0], probabilities, strict=True):
        print(name, tokenizer.decode(token_id), round(probability.item(), 4))
