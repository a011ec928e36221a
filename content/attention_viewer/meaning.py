import torch
from transformers import AutoModel, AutoTokenizer

model_id = "bert-base-uncased"
text = "The cat sat on the mat because it was tired."
text_pair = None
layer = 5
heads = []  # none: all
how = "mean"  # "max", "norm", "rollout"
without_sinks = False

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModel.from_pretrained(model_id, attn_implementation="eager", dtype="float32").eval()
inputs = tokenizer(text, text_pair, return_tensors="pt")
with torch.inference_mode():
    outputs = model(**inputs, output_attentions=True, output_hidden_states=True)
    weights = torch.stack(outputs.attentions)[:, 0]  # (layers, heads, L, L)
    heads = heads or list(range(weights.shape[1]))
    if how == "rollout":  # Abnar and Zuidema 2020
        matrix = torch.eye(weights.shape[-1])
        for mean in weights[: layer + 1, heads].mean(1):
            matrix = (mean + torch.eye(len(mean))) / 2 @ matrix
    elif how == "norm":  # Kobayashi et al. 2020, as the modules of BERT are called
        if not hasattr(model, "encoder"):
            raise SystemExit("Other models call their modules by other names: see models/attention.py.")
        block = model.encoder.layer[layer].attention
        values = block.self.value(outputs.hidden_states[layer])[0]  # (L, H)
        values = values.view(len(values), weights.shape[1], -1).transpose(0, 1)  # (heads, L, H / heads)
        output = block.output.dense.weight.T.view(weights.shape[1], values.shape[-1], -1)  # (heads, H / heads, H)
        norms = (values @ output).norm(dim=-1)  # (heads, L): ||f(x_j)||
        matrix = (weights[layer] * norms[:, None, :])[heads].mean(0)
    else:
        matrix = weights[layer, heads].amax(0) if how == "max" else weights[layer, heads].mean(0)
matrix = matrix / matrix.sum(-1, keepdim=True)

if without_sinks:
    keep = [number for number, segment in enumerate(inputs.sequence_ids()) if segment is not None and number > 0]
    matrix = matrix[keep][:, keep]
    print(f"went to the sinks: {1 - matrix.sum(-1).mean():.4f}")
    matrix = matrix / matrix.sum(-1, keepdim=True)
for row in matrix.tolist():
    print(*(f"{weight:.4f}" for weight in row))
