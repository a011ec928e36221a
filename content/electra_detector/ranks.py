import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, ElectraForPreTraining

model_id = "models/checkpoints/mini-electra"
reader_model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
text = "The chef cooked the meal for his guests."

tokenizer, reading = AutoTokenizer.from_pretrained(model_id), AutoTokenizer.from_pretrained(reader_model_id)
discriminator = ElectraForPreTraining.from_pretrained(model_id, dtype="float32")
causal = AutoModelForCausalLM.from_pretrained(reader_model_id, dtype="float32")
with torch.inference_mode():
    encoding = tokenizer(text, return_tensors="pt")
    verdicts = discriminator(**encoding).logits[0].sigmoid()  # (L,)
    start = reading.get_vocab().get("<|endoftext|>", reading.bos_token_id)  # None: GPT-1 has no such token
    ids = reading(text, add_special_tokens=False)["input_ids"]
    input_ids = torch.tensor([ids if start is None else [start, *ids]])  # (1, N + 1)
    logits = causal(input_ids=input_ids).logits[0]  # (N + 1, V)
for token_id, probability in zip(encoding["input_ids"][0], verdicts, strict=True):
    print("replaced", tokenizer.decode(token_id), round(probability.item(), 4))
for before, token_id in zip(logits, input_ids[0, 1:], strict=False):
    print("rank", reading.decode(token_id), int((before > before[token_id]).sum()) + 1)
