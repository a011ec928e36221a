import torch
from transformers import AutoModel, AutoTokenizer

model_id = "bert-base-uncased"
text = "The cat sat on the mat because it was tired."
text_pair = None
other_id = None  # a causal model; None: the same model under a causal mask
layer = 0
head = None  # None: the mean of all heads


def attention(name, causal_mask):
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = AutoModel.from_pretrained(name, attn_implementation="eager", dtype="float32").eval()
    inputs = tokenizer(text, text_pair, return_tensors="pt")
    length = inputs["input_ids"].shape[1]
    if causal_mask:  # added to the scores before the softmax: 0 to the left, -infinity to the right
        hidden = torch.full((length, length), torch.finfo(torch.float32).min).triu(1)
        inputs["attention_mask"] = hidden[None, None]  # (1, 1, L, L)
    with torch.inference_mode():
        attentions = model(**inputs, output_attentions=True).attentions
    weights = attentions[min(layer, len(attentions) - 1)][0]
    return weights.mean(0) if head is None else weights[min(head, len(weights) - 1)]


for matrix in (attention(model_id, False), attention(other_id or model_id, other_id is None)):
    print(f"above the diagonal: {matrix.triu(1).sum():.4f}")
    for row in matrix.tolist():
        print(*(f"{weight:.4f}" for weight in row))
