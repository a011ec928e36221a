import torch
from transformers import AutoModel, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
text = "The man went to the store."
pair = "He bought a gallon of milk."
outputs = 2  # of the new head
every_token = False  # True: question answering and tagging

tokenizer = AutoTokenizer.from_pretrained(model_id)
encoder = AutoModel.from_pretrained(model_id, dtype="float32")
head = torch.nn.Linear(encoder.config.hidden_size, outputs)  # new: random weights, as at the start of fine-tuning
generator = torch.Generator().manual_seed(0)
torch.nn.init.normal_(head.weight, std=encoder.config.initializer_range, generator=generator)
torch.nn.init.zeros_(head.bias)

encoding = tokenizer(text, pair, return_tensors="pt")
with torch.inference_mode():
    found = encoder(**encoding)
    logits = head(found.last_hidden_state if every_token else found.pooler_output)
print("input_ids", tuple(encoding["input_ids"].shape))  # (B, L)
print("last_hidden_state", tuple(found.last_hidden_state.shape))  # (B, L, H)
print("pooler_output", tuple(found.pooler_output.shape))  # (B, H)
print("logits", tuple(logits.shape), logits.flatten().tolist())  # (B, K) or (B, L, K)
