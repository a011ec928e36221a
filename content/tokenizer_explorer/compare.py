from transformers import AutoTokenizer

model_id = "bert-base-uncased"
other_model_id = "gpt2"
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

if other_model_id is not None:  # each reads the ids of the other: they mean nothing in another vocabulary
    other = AutoTokenizer.from_pretrained(other_model_id)
    its_ids = other(text, text_pair, add_special_tokens=add_special_tokens)["input_ids"]
    for reader, ids in ((other, encoding["input_ids"]), (tokenizer, its_ids)):
        outside = [i for i in ids if reader.convert_ids_to_tokens(i) is None]
        print("read by the other", [reader.decode([i for i in ids if i not in outside]), outside])
