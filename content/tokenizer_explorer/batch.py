import torch
from transformers import AutoModel, AutoTokenizer

# tokenizer -> a model that has it and reads the batch, or None
readers = {"bert-base-uncased": "models/checkpoints/mini-bert", "gpt2": None}
texts = ["I want to go home.", "Me too."]
padding_side = "right"
max_length = 64

texts = [line for line in texts if line.strip()]
for model_id, reader_id in readers.items():
    print(model_id)
    tokenizer = AutoTokenizer.from_pretrained(model_id)
    if tokenizer.pad_token is None:  # GPT-2 was trained without padding
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    batch = tokenizer(texts, padding=True, truncation=True, max_length=max_length, padding_side=padding_side)
    print(batch["input_ids"])
    print(batch["attention_mask"])

    if reader_id is not None:  # a model with this tokenizer reads the shortest text alone, and in its padded row
        model = AutoModel.from_pretrained(reader_id, dtype="float32")
        lengths = [sum(mask) for mask in batch["attention_mask"]]
        row = lengths.index(min(lengths))
        input_ids, mask = torch.tensor([batch["input_ids"][row]]), torch.tensor([batch["attention_mask"][row]])
        first = batch["attention_mask"][row].index(1)  # where [CLS] stands: padding on the left moves it
        with torch.inference_mode():
            alone = model(input_ids=input_ids[:, mask[0].bool()]).last_hidden_state[0, 0]
            for name, seen in (("with attention_mask", mask), ("without", torch.ones_like(mask))):
                padded = model(input_ids=input_ids, attention_mask=seen).last_hidden_state[0, first]
                print("cosine", name, round(torch.cosine_similarity(alone, padded, dim=0).item(), 4))
