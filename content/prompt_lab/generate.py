import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
prompt = "The capital of Italy is"
settings = {"max_new_tokens": 30, "do_sample": False}
stop_strings = ["\n"]
seed = 0

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id, dtype="float32")
inputs = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
torch.manual_seed(seed)
stopping = {"stop_strings": stop_strings, "tokenizer": tokenizer} if stop_strings else {}
found = model.generate(**inputs, **settings, **stopping, return_dict_in_generate=True, output_logits=True)

new_ids = found.sequences[0, inputs["input_ids"].shape[1] :]
for token_id, logits in zip(new_ids, found.logits, strict=True):
    print(repr(tokenizer.decode(token_id)), round(logits[0].softmax(-1)[token_id].item(), 4))
text = tokenizer.decode(new_ids, skip_special_tokens=True)
for stop in stop_strings:
    text = text.split(stop)[0]
print("text:", repr(text))
