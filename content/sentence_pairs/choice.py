import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BertForNextSentencePrediction

model_id = "models/checkpoints/mini-bert"
reader_model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
context = "A woman puts a pan on the stove and cracks two eggs into it."
endings = ["She waits until they are done and slides them onto a plate.", "She closes the book."]

tokenizer, reading = AutoTokenizer.from_pretrained(model_id), AutoTokenizer.from_pretrained(reader_model_id)
bert = BertForNextSentencePrediction.from_pretrained(model_id, dtype="float32")
reader = AutoModelForCausalLM.from_pretrained(reader_model_id, dtype="float32")
scalars = {"nsp": [], "sum": [], "mean": []}
context, endings = context.rstrip(), [ending.strip() for ending in endings]
start = reading(context, add_special_tokens=False)["input_ids"]
with torch.inference_mode():
    for ending in endings:  # each ending is a sequence of its own
        scalars["nsp"].append(bert(**tokenizer(context, ending, return_tensors="pt")).logits[0, 0].item())
        own = reading(" " + ending, add_special_tokens=False)["input_ids"]
        logits = reader(input_ids=torch.tensor([start + own])).logits[0, len(start) - 1 : -1]  # (n, V)
        found = logits.log_softmax(-1)[range(len(own)), own]
        scalars["sum"].append(found.sum().item())
        scalars["mean"].append(found.mean().item())
for name, values in scalars.items():
    print(name, *(round(value, 4) for value in values))
    print("softmax", *(round(share, 4) for share in torch.tensor(values).softmax(-1).tolist()))
