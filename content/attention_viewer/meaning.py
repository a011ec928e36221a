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
    elif how == "norm":  # Kobayashi et al. 2020: ||f(x_j)|| with f(x) = (x W_V + b_V) W_O
        x = outputs.hidden_states[layer]  # (1, L, H)
        kind = model.config.model_type  # each calls its modules by other names
        if kind in ("bert", "electra", "roberta"):
            block = model.encoder.layer[layer].attention
            values, output = block.self.value(x), block.output.dense.weight.T
        elif kind == "albert":
            block = model.encoder.albert_layer_groups[0].albert_layers[0].attention
            values, output = block.value(x), block.dense.weight.T
        elif kind == "distilbert":
            block = model.transformer.layer[layer].attention
            values, output = block.v_lin(x), block.out_lin.weight.T
        elif kind == "llama":  # several heads share the values of one
            block = model.layers[layer]
            values = block.self_attn.v_proj(block.input_layernorm(x)).unflatten(-1, (-1, block.self_attn.head_dim))
            values = values.repeat_interleave(block.self_attn.num_key_value_groups, dim=-2).flatten(-2)
            output = block.self_attn.o_proj.weight.T
        else:  # GPT: one matrix for query, key and value; GPT-2 normalizes first
            block = model.h[layer]
            values = block.attn.c_attn(block.ln_1(x) if kind == "gpt2" else x).chunk(3, dim=-1)[2]
            output = block.attn.c_proj.weight
        values = values[0].unflatten(-1, (weights.shape[1], -1)).transpose(0, 1)  # (heads, L, H / heads)
        norms = (values @ output.unflatten(0, (weights.shape[1], -1))).norm(dim=-1)  # (heads, L)
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
