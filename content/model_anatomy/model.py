import re
from collections import Counter

import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode

model_class = "BertForPreTraining"
config_class = "BertConfig"
arguments = {"hidden_size": 768, "num_hidden_layers": 12}
tokens = 128
device = "meta"  # shapes without memory; XLNet computes its positions on the "cpu"

config = getattr(transformers, config_class)(**arguments)
with torch.device(device):
    model = getattr(transformers, model_class)(config).eval()
model.tie_weights()

total = sum(parameter.numel() for parameter in model.parameters())  # tied or shared weights count once
print("parameters", total)
for bits in (32, 16, 8):
    print(f"bytes at {bits} bits", total * bits // 8)
parts = Counter()
for name, parameter in model.named_parameters():  # a weight with its bias, in all layers together
    parts[re.sub(r"\.\d+|\.(weight|bias)$", "", name)] += parameter.numel()

with FlopCounterMode(display=False) as counter, torch.no_grad(), torch.device(device):
    model(input_ids=torch.zeros(1, tokens, dtype=torch.long))
total, by_module = counter.get_total_flops() / tokens, counter.get_flop_counts()
work = Counter()
for name, module in model.named_modules():
    if not list(module.children()):
        flops = sum(by_module.get(f"{model_class}.{name}", {}).values()) / tokens
        work[re.sub(r"\.\d+", "", name)] += flops
for name in dict.fromkeys([*parts, *work]):
    print(name, parts[name], "parameters", work[name], "FLOPs per token")
print("attention scores", total - sum(work.values()), "FLOPs per token")  # in XLNet with its matrices: no modules
print("FLOPs per token", total)
