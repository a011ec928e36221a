import torch
from transformers import AutoModel, AutoTokenizer

model_id = "bert-base-uncased"
text = "The cat sat on the mat because it was tired."
text_pair = None

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModel.from_pretrained(model_id, attn_implementation="eager", dtype="float32").eval()
inputs = tokenizer(text, text_pair, return_tensors="pt")
with torch.inference_mode():
    attentions = model(**inputs, output_attentions=True).attentions

places = torch.arange(inputs["input_ids"].shape[1])
apart = (places[:, None] - places[None, :]).abs()  # (L, L) tokens
for layer, weights in enumerate(attentions):
    entropy = torch.special.entr(weights[0]).sum(-1).mean(-1)  # (heads,) nats: the mean of -sum(w ln w)
    distance = (weights[0] * apart).sum(-1).mean(-1)  # (heads,) tokens
    for head, (nats, tokens) in enumerate(zip(entropy.tolist(), distance.tolist(), strict=True)):
        print(layer, head, f"{nats:.4f} {tokens:.4f}")
