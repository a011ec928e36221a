from transformers import GPT2Config

batches = {"BERT": (256, 512)}  # sequences, tokens in each

for name, (sequences, length) in batches.items():
    print(name, sequences * length)

for name, layers in (("gpt2", 12), ("gpt2-medium", 24), ("gpt2-large", 36), ("gpt2-xl", 48)):
    config = GPT2Config(n_layer=layers)
    residual_layers = 2 * config.n_layer  # attention and feed-forward both add to the residual stream
    print(name, "deviation of the output weights", config.initializer_range / residual_layers**0.5)
