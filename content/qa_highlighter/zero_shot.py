import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
question = "Where did Maria die?"
context = "Maria was born in Paris, and she died in Berlin."

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id, dtype=torch.float32)
prompt = f"{context.strip()}\n\nQ: {question.strip()}\nA:"
inputs = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
outputs = model.generate(
    **inputs,
    do_sample=False,
    max_new_tokens=30,
    stop_strings=["\n"],
    tokenizer=tokenizer,
    return_dict_in_generate=True,
    output_logits=True,
)
new = outputs.sequences[0, inputs["input_ids"].shape[1] :]
for token_id, logits in zip(new, outputs.logits, strict=True):
    print(f"{logits[0].softmax(-1)[token_id]:.3f} {tokenizer.decode(token_id)!r}")
print(tokenizer.decode(new, skip_special_tokens=True).strip())
