import torch
import transformers

models = {"bert-base-uncased": ("BertForPreTraining", "BertConfig", {})}

for name, (model_class, config_class, arguments) in models.items():
    with torch.device("meta"):  # shapes without memory
        model = getattr(transformers, model_class)(getattr(transformers, config_class)(**arguments))
    model.tie_weights()
    total = sum(parameter.numel() for parameter in model.parameters())
    print(name, total, *(total * bits // 8 for bits in (32, 16, 8)))
