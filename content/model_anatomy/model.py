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
for name, count in parts.items():
    print(name, count)

with FlopCounterMode(display=False) as counter, torch.no_grad(), torch.device(device):
    model(input_ids=torch.zeros(1, tokens, dtype=torch.long))
print("FLOPs per token", counter.get_total_flops() / tokens)
