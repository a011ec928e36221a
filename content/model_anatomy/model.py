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
for name, module in model.named_modules():
    if name.count(".") == 1:  # the model's parts; a tied matrix counts in each part that uses it
        print(name, sum(parameter.numel() for parameter in module.parameters()))

with FlopCounterMode(display=False) as counter, torch.no_grad(), torch.device(device):
    model(input_ids=torch.zeros(1, tokens, dtype=torch.long))
print("FLOPs per token", counter.get_total_flops() / tokens)
