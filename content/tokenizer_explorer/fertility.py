from transformers import AutoTokenizer

model_ids = ["bert-base-uncased", "gpt2"]
sentences = {"English": ("Every child wants to know how language works.", 8)}

for model_id in model_ids:
    tokenizer = AutoTokenizer.from_pretrained(model_id)
    for language, (sentence, words) in sentences.items():
        tokens = tokenizer.tokenize(sentence)
        print(model_id, language, len(tokens), len(tokens) / words)
