import torch
from transformers import AutoModelForMultipleChoice, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
text = "The man went to the store."
choices = ["He bought a gallon of milk.", "Penguins are flightless birds.", "He painted the moon green."]

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForMultipleChoice.from_pretrained(model_id, dtype="float32")
head = model.classifier  # new: random weights, as at the start of fine-tuning
generator = torch.Generator().manual_seed(0)
torch.nn.init.normal_(head.weight, std=model.config.initializer_range, generator=generator)
torch.nn.init.zeros_(head.bias)

encoding = tokenizer([text] * len(choices), choices, padding=True, return_tensors="pt")  # (B * K, L)
with torch.inference_mode():
    logits = model(**{name: values[None] for name, values in encoding.items()}).logits  # (B, K, L) -> (B, K)
print("logits", tuple(logits.shape), logits.flatten().tolist())
print("probabilities", logits.softmax(-1).flatten().tolist())
