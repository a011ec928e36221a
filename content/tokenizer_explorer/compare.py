from transformers import AutoTokenizer

model_id = "bert-base-uncased"
text = "I want to go home."
text_pair = None
add_special_tokens = True

tokenizer = AutoTokenizer.from_pretrained(model_id)
encoding = tokenizer(
    text,
    text_pair,
    add_special_tokens=add_special_tokens,
    return_offsets_mapping=True,
    return_special_tokens_mask=True,
)
print(tokenizer.convert_ids_to_tokens(encoding["input_ids"]))
for name, values in encoding.items():
    print(name, values)
print(tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]))
print(len(tokenizer.get_vocab()), tokenizer.convert_tokens_to_string(tokenizer.tokenize(text)))
