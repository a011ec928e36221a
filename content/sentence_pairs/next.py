import torch
from transformers import AutoTokenizer, BertForNextSentencePrediction

model_id = "models/checkpoints/mini-bert"
input_ids = [101, 1996, 2158, 2253, 2000, 1996, 3573, 1012, 102, 2002, 4149, 1037, 25234, 1997, 6501, 1012, 102]
token_type_ids = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]

tokenizer = AutoTokenizer.from_pretrained(model_id)  # tokenizer(text, pair) gives these ids
model = BertForNextSentencePrediction.from_pretrained(model_id, dtype="float32")
print(tokenizer.convert_ids_to_tokens(input_ids))
with torch.inference_mode():
    logits = model(input_ids=torch.tensor([input_ids]), token_type_ids=torch.tensor([token_type_ids])).logits[0]
print("logits", logits.tolist())  # 0: IsNext, 1: NotNext
print("IsNext", logits.softmax(-1)[0].item())
