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
    sequence = model.generate(**inputs, **{**settings, "top_k": 0, **own}, **stopping)[0]
    text = tokenizer.decode(sequence[inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    for stop in stop_strings:
        text = text.split(stop)[0]
    print(f"{name}: {text!r}")
