import torch
from transformers import AutoModel, AutoTokenizer, GPT2Config, GPT2Model

models = ["models/checkpoints/mini-bert"]
text = "The cat sat on the mat because it was tired."

for layers in (6, 12, 24, 48):  # untrained models: their weights are random
    torch.manual_seed(0)
    model = GPT2Model(GPT2Config(n_embd=128, n_head=4, n_layer=layers)).eval()
    model.ln_f = torch.nn.Identity()  # to read what stands before the last layer normalization
    residual_layers = 2 * layers  # attention and feed-forward both add to the residual stream
    for scaling, factor in (("1/sqrt(N)", 1), ("none", residual_layers**0.5)):
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if name.endswith("c_proj.weight"):  # Transformers has drawn these 1/sqrt(N) as large as all others
                    weight *= factor
            stream = model(torch.arange(64)[None]).last_hidden_state
        print(layers, "layers, scaling", scaling, stream.std().item())

for model_id in models:
    tokenizer = AutoTokenizer.from_pretrained(model_id)
    model = AutoModel.from_pretrained(model_id, dtype="float32").eval()
    with torch.no_grad():
        states = model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states
    if hasattr(model, "norm"):  # pre-LN: the last state is normalized once more
        states = states[:-1]
    for layer, state in enumerate(states):
        print(model_id, "after layer", layer, state[0, 1:].norm(dim=-1).mean().item())
