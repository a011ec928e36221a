import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
text = "To plant a flower he dug the ground with a [MASK]."
fact = "A spade is used for digging."
candidates = [["spade"], ["shovel"], ["bull", "##do", "##zer"]]  # tokens

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")
mask = tokenizer.mask_token_id
for sentence in [text, f"{fact} {text}"] if fact else [text]:
    for tokens in candidates:
        ids = tokenizer(sentence.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        at = ids.index(mask)
        ids[at : at + 1] = [mask] * len(tokens)  # as many blanks as the candidate has tokens
        probability = 1.0
        for token_id in tokenizer.convert_tokens_to_ids(tokens):  # filled from left to right
            with torch.inference_mode():
                logits = model(input_ids=torch.tensor([ids])).logits[0, ids.index(mask)]  # (V,)
            probability *= logits.softmax(-1)[token_id].item()
            ids[ids.index(mask)] = token_id
        print(
            "before" if sentence == text else "after", tokenizer.convert_tokens_to_string(tokens), f"{probability:.3e}"
        )
