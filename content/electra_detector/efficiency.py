from transformers import AutoTokenizer

model_id = "models/checkpoints/mini-electra"
text = "The chef cooked the meal for his guests."
masked = [3, 6]

tokenizer = AutoTokenizer.from_pretrained(model_id)
special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
tokens = [token_id for token_id in tokenizer(text)["input_ids"] if token_id not in special]
print("masked language modelling", len(masked), "signals")
print("replaced token detection", len(tokens), "signals")
