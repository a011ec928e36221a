import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from transformers import AutoModelForMaskedLM, AutoTokenizer, ElectraForPreTraining

model_id = "models/checkpoints/mini-electra"
generator_model_id = "models/checkpoints/mini-bert"
temperature = 1.0
original_ids = [101, 1996, 10026, 12984, 1996, 7954, 1012, 102]
masked_ids = [101, 1996, 10026, 103, 1996, 7954, 1012, 102]
corrupted_ids = [101, 1996, 10026, 8823, 1996, 7954, 1012, 102]

tokenizer = AutoTokenizer.from_pretrained(model_id)
generator = AutoModelForMaskedLM.from_pretrained(generator_model_id, dtype="float32")
discriminator = ElectraForPreTraining.from_pretrained(model_id, dtype="float32")
original, masked, corrupted = map(torch.tensor, (original_ids, masked_ids, corrupted_ids))
hidden = (masked != original).nonzero()[:, 0]
with torch.inference_mode():
    scores = generator(input_ids=masked[None]).logits[0, hidden]  # (n, V)
    verdicts = discriminator(input_ids=corrupted[None]).logits[0]  # (L,)
for position, row in zip(hidden.tolist(), scores, strict=True):
    sampled = corrupted_ids[position]
    probability = (row / temperature).softmax(-1)[sampled].item() if temperature > 0 else float(row.argmax() == sampled)
    said = verdicts[position].sigmoid().item()
    print(position, tokenizer.convert_ids_to_tokens(sampled), f"{probability:.3g}", "replaced", round(said, 4))

replaced = (corrupted != original).float()
special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}  # [MASK] too: what was typed has no original
words = ~torch.isin(original, torch.tensor(list(special)))
print("generator loss", cross_entropy(scores, original[hidden]).item() if len(hidden) else None)
print("discriminator loss", binary_cross_entropy_with_logits(verdicts[words], replaced[words]).item())
