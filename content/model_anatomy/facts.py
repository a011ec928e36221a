import torch
import transformers

batches = {"BERT": (256, 512)}  # sequences, tokens in each
# class, configuration, and the device: "meta" for shapes without memory, where the model can do with that
models = {"bert-base-uncased": ("BertForPreTraining", "BertConfig", {}, "meta")}

for name, (sequences, length) in batches.items():
    print(name, sequences * length)

for name, (model_class, config_class, arguments, device) in models.items():
    config = getattr(transformers, config_class)(**arguments)
    with torch.device(device):
        model = getattr(transformers, model_class)(config)
    model.tie_weights()
    sizes = config.num_hidden_layers, config.hidden_size, config.num_attention_heads
    print(name, *sizes, sum(parameter.numel() for parameter in model.parameters()))
