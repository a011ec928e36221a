import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
beside_model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
causal = True  # whether the second model is one
text = "To plant a flower he dug the ground with a [MASK]."
candidates = ["spade", "hammer"]


def in_the_blank(name):
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = AutoModelForMaskedLM.from_pretrained(name, dtype="float32")
    mask = tokenizer.mask_token_id
    for word in candidates:
        pieces = tokenizer(word, add_special_tokens=False)["input_ids"]
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token * len(pieces)))["input_ids"]
        total = 0.0
        for piece in pieces:
            with torch.inference_mode():
                logits = model(input_ids=torch.tensor([ids])).logits[0, ids.index(mask)]
            total += logits.double().log_softmax(-1)[piece].item()
            ids[ids.index(mask)] = piece
        yield total


def whole_sentence(name):
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = AutoModelForCausalLM.from_pretrained(name, dtype="float32")
    start = tokenizer.get_vocab().get("<|endoftext|>", tokenizer.bos_token_id)
    for word in candidates:
        ids = tokenizer(text.replace("[MASK]", word), add_special_tokens=False)["input_ids"]
        ids = ids if start is None else [start, *ids]
        with torch.inference_mode():
            scores = model(input_ids=torch.tensor([ids])).logits[0, :-1].double().log_softmax(-1)  # (L - 1, V)
        yield scores[range(len(ids) - 1), ids[1:]].sum().item()


for score, name in ((in_the_blank, model_id), (whole_sentence if causal else in_the_blank, beside_model_id)):
    totals = torch.tensor(list(score(name)))
    for word, total, share in zip(candidates, totals, totals.softmax(-1), strict=True):
        print(word, round(total.item(), 3), f"{share.item():.3e}")
