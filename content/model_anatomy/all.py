import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode

# class, configuration, text length, and the device: "meta" for shapes without memory, where the model can do with that
models = {"bert-base-uncased": ("BertForPreTraining", "BertConfig", {}, 128, "meta")}

for name, (model_class, config_class, arguments, tokens, device) in models.items():
    with torch.device(device):
        model = getattr(transformers, model_class)(getattr(transformers, config_class)(**arguments)).eval()
    model.tie_weights()
    total = sum(parameter.numel() for parameter in model.parameters())
    with FlopCounterMode(display=False) as counter, torch.no_grad(), torch.device(device):
        model(input_ids=torch.zeros(1, tokens, dtype=torch.long))
    print(name, total, *(total * bits // 8 for bits in (32, 16, 8)), counter.get_total_flops() / tokens)
