from transformers import AutoModelForCausalLM, AutoTokenizer

model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
prompts = ["The museum opened on Monday.\nTL;DR:"]

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id, dtype="float32")
for prompt in prompts:
    inputs = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
    sequence = model.generate(**inputs, max_new_tokens=30, do_sample=False, repetition_penalty=1.1)[0]
    text = tokenizer.decode(sequence[inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    print(repr(prompt[-20:]), "->", text.split("\n")[0].strip())
