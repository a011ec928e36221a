from transformers import AutoTokenizer

model_id = "bert-base-uncased"
texts = ["I want to go home.", "Me too."]
padding_side = "right"
max_length = 64

tokenizer = AutoTokenizer.from_pretrained(model_id)
if tokenizer.pad_token is None:  # GPT-2 was trained without padding
    tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
texts = [line for line in texts if line.strip()]
batch = tokenizer(texts, padding=True, truncation=True, max_length=max_length, padding_side=padding_side)
print(batch["input_ids"])
print(batch["attention_mask"])
