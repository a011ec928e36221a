import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
text = "The sun rises in the east and sets in the fridge."

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id, dtype="float32")
start = tokenizer.get_vocab().get("<|endoftext|>", tokenizer.bos_token_id)  # None: GPT-1 has no such token
ids = tokenizer(text, add_special_tokens=False)["input_ids"]
input_ids = torch.tensor([ids if start is None else [start, *ids]])  # (1, N + 1)
with torch.inference_mode():
    output = model(input_ids=input_ids, labels=input_ids)  # with labels it gives the loss; it shifts them itself
logits = output.logits[0, :-1]  # (N, V)
for token_id, row in zip(input_ids[0, 1:], logits, strict=True):
    rank, log_p = int((row > row[token_id]).sum()) + 1, row.log_softmax(-1)[token_id]
    print(repr(tokenizer.decode(token_id)), f"rank {rank} probability {log_p.exp():.4f} -ln p {-log_p:.4f}")
print(f"loss {output.loss:.4f} perplexity {output.loss.exp():.2f}")  # the loss is the mean of all -ln p
