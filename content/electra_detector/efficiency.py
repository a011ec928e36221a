from transformers import AutoTokenizer

model_id = "mini-electra"
text = "The chef cooked the meal for his guests."
masked = [3, 6]

tokenizer = AutoTokenizer.from_pretrained(model_id)
special = tokenizer(text, return_special_tokens_mask=True)["special_tokens_mask"]
print("masked language modelling", len(masked), "signals")
print("replaced token detection", special.count(0), "signals")
