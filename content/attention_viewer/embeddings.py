import torch
from transformers import AutoModel, AutoTokenizer

model_id = "bert-base-uncased"
text = "The cat sat on the mat because it was tired."
text_pair = None

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModel.from_pretrained(model_id, dtype="float32").eval()
inputs = tokenizer(text, text_pair, return_tensors="pt")
ids = inputs["input_ids"]
with torch.inference_mode():
    parts = {"token": model.get_input_embeddings()(ids)[0]}  # (L, E)
    inside = getattr(model, "embeddings", model)  # of BERT and its relatives; GPT has the tables itself
    for name in ("position_embeddings", "wpe", "positions_embed"):
        if (table := getattr(inside, name, None)) is not None:
            first = 0 if table.padding_idx is None else table.padding_idx + 1  # RoBERTa counts from there
            parts["position"] = table(torch.arange(first, first + ids.shape[1]))
    if (segments := getattr(inside, "token_type_embeddings", None)) is not None:
        parts["segment"] = segments(inputs.get("token_type_ids", torch.zeros_like(ids)))[0]

total = sum(parts.values())  # what layer normalization and the first layer are given
for name, part in {**parts, "sum": total}.items():
    print(name, "length", *(f"{length:.4f}" for length in part.norm(dim=-1).tolist()))
for name, part in parts.items():
    print(name, "cosine", *(f"{cosine:.4f}" for cosine in torch.cosine_similarity(part, total, dim=-1).tolist()))
