import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
prompt = "The capital of Italy is"
settings = {"max_new_tokens": 30, "do_sample": False}
stop_strings = ["\n"]
seed = 0
decodings = {"greedy": {}, "top-p 0.9": {"do_sample": True, "top_p": 0.9}}

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id, dtype="float32")
inputs = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
stopping = {"stop_strings": stop_strings, "tokenizer": tokenizer} if stop_strings else {}
for name, own in decodings.items():
    torch.manual_seed(seed)
    ways = {**settings, "top_k": 0, **own}
    found = model.generate(**inputs, **ways, **stopping, return_dict_in_generate=True, output_logits=True)
    new_ids = found.sequences[0, inputs["input_ids"].shape[1] :]
    text = tokenizer.decode(new_ids, skip_special_tokens=True)
    for stop in stop_strings:
        text = text.split(stop)[0]
    shares = [logits[0].softmax(-1)[token_id].item() for token_id, logits in zip(new_ids, found.logits, strict=True)]
    print(f"{name}: {text!r} {len(shares)} tokens, mean probability {sum(shares) / len(shares):.4f}")
