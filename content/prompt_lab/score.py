import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
prompt = "Review: I loved it.\nSentiment:"
content_free = "Review: N/A\nSentiment:"
candidates = [" positive", " negative"]

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForCausalLM.from_pretrained(model_id, dtype="float32")


def log_probability(before, answer):
    """Sum of the log-probabilities of the answer's tokens, and how many there are."""
    before_ids = tokenizer(before, add_special_tokens=False)["input_ids"]
    answer_ids = tokenizer(answer, add_special_tokens=False)["input_ids"]
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([before_ids + answer_ids])).logits[0]  # (L, V)
    log_probabilities = logits[len(before_ids) - 1 : -1].log_softmax(-1)
    return sum(row[i].item() for row, i in zip(log_probabilities, answer_ids, strict=True)), len(answer_ids)


for candidate in candidates:
    total, tokens = log_probability(prompt, candidate)
    bias = log_probability(content_free, candidate)[0] if content_free else 0.0
    print(
        repr(candidate),
        "sum",
        round(total, 3),
        "per token",
        round(total / tokens, 3),
        "calibrated",
        round(total - bias, 3),
    )
