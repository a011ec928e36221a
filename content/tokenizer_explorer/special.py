from transformers import AutoConfig, AutoModel, AutoTokenizer

model_ids = ["bert-base-uncased", "gpt2"]
new_tokens = ["[BOS]", "[EOS]", "[PAD]", "[SP1]", "[SP2]"]
text = "[BOS] I want to go home. [EOS]"

for model_id in model_ids:
    print(model_id)
    tokenizer = AutoTokenizer.from_pretrained(model_id)
    print(tokenizer.tokenize(text))
    size = len(tokenizer)
    tokenizer.add_special_tokens({"extra_special_tokens": new_tokens})  # older tutorials: "additional_special_tokens"
    print(len(tokenizer) - size, len(tokenizer), tokenizer.convert_tokens_to_ids(new_tokens))
    print(tokenizer.tokenize(text))

    model = AutoModel.from_config(AutoConfig.from_pretrained(model_id))  # the shapes need no trained weights
    print(model.get_input_embeddings().weight.shape)
    model.resize_token_embeddings(len(tokenizer))
    print(model.get_input_embeddings().weight.shape)
