from transformers import AutoTokenizer

model_id = "bert-base-uncased"
sentences = {"English": ("Every child wants to know how language works.", 8)}

tokenizer = AutoTokenizer.from_pretrained(model_id)
for language, (sentence, words) in sentences.items():
    tokens = tokenizer.tokenize(sentence)
    print(language, len(tokens), len(tokens) / words)
