import torch
import transformers

sizes = [[12, 768, 12]]  # BERT: layers, width, heads
for layers, hidden_size, heads in sizes:
    config = transformers.BertConfig(
        num_hidden_layers=layers,
        hidden_size=hidden_size,
        num_attention_heads=heads,
        intermediate_size=4 * hidden_size,
    )
    with torch.device("meta"):
        model = transformers.BertForPreTraining(config)
    model.tie_weights()
    print("BERT", layers, hidden_size, heads, sum(parameter.numel() for parameter in model.parameters()))
