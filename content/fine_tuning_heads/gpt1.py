import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
task = "entailment"  # classification, similarity, choice
texts = ["Two men are repairing a roof in the rain.", "People are working outside."]

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id, dtype="float32")
H, std = model.config.hidden_size, model.config.initializer_range
start, delimiter, extract = torch.randn((3, H), generator=torch.Generator().manual_seed(0)) * std  # new vectors
head = torch.nn.Linear(H, 1 if task == "choice" else 2)  # new
torch.nn.init.normal_(head.weight, std=std, generator=torch.Generator().manual_seed(0))
torch.nn.init.zeros_(head.bias)


def embeddings(text):
    return model.get_input_embeddings()(torch.tensor(tokenizer(text, add_special_tokens=False)["input_ids"]))


def read(*parts):
    """The last hidden state of the extract token, (H,)."""
    between = [vectors for part in parts for vectors in (delimiter[None], embeddings(part))]
    sequence = torch.cat([start[None], *between[1:], extract[None]])
    return model.base_model(inputs_embeds=sequence[None]).last_hidden_state[0, -1]


first, *others = texts
with torch.inference_mode():
    if task == "classification":
        vectors = read(first)[None]
    elif task == "entailment":
        vectors = read(first, others[0])[None]
    elif task == "similarity":  # both orders, added
        vectors = (read(first, others[0]) + read(others[0], first))[None]
    else:  # one sequence for each answer
        vectors = torch.stack([read(first, other) for other in others])
    logits = head(vectors)
print("logits", tuple(logits.shape), logits.flatten().tolist())
