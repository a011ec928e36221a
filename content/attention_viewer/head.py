import torch
from transformers import AutoModel, AutoTokenizer

model_id = "bert-base-uncased"
text = "The cat sat on the mat because it was tired."
text_pair = None
layer = 0
head = 2  # None: the mean of all heads

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModel.from_pretrained(model_id, attn_implementation="eager", dtype="float32").eval()
inputs = tokenizer(text, text_pair, return_tensors="pt")
with torch.inference_mode():
    attentions = model(**inputs, output_attentions=True).attentions  # one (1, heads, L, L) a layer

weights = attentions[layer][0]  # (heads, L, L); row i is what token i looks at
matrix = weights.mean(0) if head is None else weights[head]
tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])
for token, row in zip(tokens, matrix.tolist(), strict=True):
    print(token, *(f"{weight:.4f}" for weight in row))
