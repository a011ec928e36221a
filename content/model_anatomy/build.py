import torch
from transformers import AlbertConfig, AlbertModel

layers = 12
hidden_size = 768
heads = 12
vocab_size = 30000
embedding_size = 128
sharing = "all"

for width, shared in (
    (hidden_size, "none"),
    (embedding_size, "none"),
    (hidden_size, sharing),
    (embedding_size, sharing),
):
    config = AlbertConfig(
        vocab_size=vocab_size,
        embedding_size=width,
        hidden_size=hidden_size,
        num_hidden_layers=layers,
        num_hidden_groups=layers,  # a group for each layer: nothing is shared yet
        num_attention_heads=heads,
        intermediate_size=4 * hidden_size,
    )
    with torch.device("meta"):  # shapes without memory
        model = AlbertModel(config)
    blocks = [group.albert_layers[0] for group in model.encoder.albert_layer_groups]
    for block in blocks[1:]:
        if shared in ("attention", "all"):
            block.attention = blocks[0].attention
        if shared in ("feed-forward", "all"):
            block.ffn, block.ffn_output = blocks[0].ffn, blocks[0].ffn_output
            block.full_layer_layer_norm = blocks[0].full_layer_layer_norm
    if width == hidden_size:
        model.encoder.embedding_hidden_mapping_in = torch.nn.Identity()  # no E x H
    print("E", width, "shared", shared, sum(parameter.numel() for parameter in model.parameters()))
