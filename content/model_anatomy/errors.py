import torch
import transformers

# What can be counted: class, configuration
models = {"bert-base-uncased": ("BertForPreTraining", "BertConfig", {})}

for name, (model_class, config_class, arguments) in models.items():
    config = getattr(transformers, config_class)(**arguments)
    with torch.device("meta"):  # shapes without memory
        model = getattr(transformers, model_class)(config)
    model.tie_weights()
    residual_layers = 2 * config.num_hidden_layers  # attention and feed-forward
    print(
        name,
        sum(parameter.numel() for parameter in model.parameters()),
        "parameters,",
        residual_layers,
        "residual layers",
    )
