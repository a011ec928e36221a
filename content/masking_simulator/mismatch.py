import numpy as np
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
texts = ("The river flows through the city.",)
unit = "token"
rate = 0.15
seed = 1
repeats = 20

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")
special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}  # [MASK] too, where it was typed: never hidden
if unit == "span":
    from models.masking import draw_spans  # of whole words, until the rate is reached
for mask_share, random_share in ((1.0, 0.0), (0.8, 0.1), (0.0, 0.0)):
    found = {"not selected": [], "[MASK]": [], "random": [], "kept": []}
    for number, text in enumerate(texts):
        encoding = tokenizer(text)
        input_ids = np.array(encoding["input_ids"])
        words = np.array([-1 if i in special else word for i, word in zip(input_ids, encoding.word_ids(), strict=True)])
        selecting, fating, replacing = (np.random.default_rng([seed + number, stream]) for stream in range(3))
        shape = (repeats, len(words))
        fates, random_ids = fating.random(shape), replacing.integers(len(tokenizer), size=shape)
        if unit == "token":
            selected = selecting.random(shape) < rate
        elif unit == "span":
            spans = draw_spans(words, rate, repeats, selecting)  # one more than where its span begins, 0 outside
            selected, fates = spans > 0, np.take_along_axis(fates, np.maximum(spans - 1, 0), axis=1)
        else:
            selected = (selecting.random((repeats, words.max() + 1)) < rate)[:, words]
        selected &= words >= 0
        kinds = {
            "not selected": ~selected & (words >= 0),
            "[MASK]": selected & (fates < mask_share),
            "random": selected & (fates >= mask_share) & (fates < mask_share + random_share),
            "kept": selected & (fates >= mask_share + random_share),
        }
        corrupted = np.where(kinds["[MASK]"], tokenizer.mask_token_id, np.where(kinds["random"], random_ids, input_ids))
        with torch.inference_mode():
            probabilities = model(input_ids=torch.from_numpy(corrupted)).logits.softmax(-1).numpy()  # (repeats, L, V)
        original = probabilities[:, np.arange(len(words)), input_ids]  # (repeats, L)
        seen = np.take_along_axis(probabilities, corrupted[..., None], axis=-1)[..., 0]
        numbers = np.stack([original, seen, original >= probabilities.max(-1)], axis=-1)  # the last: first guess right
        for kind, where in kinds.items():
            found[kind] += numbers[where].tolist()
    for kind, values in found.items():
        if values:
            mix = f"{mask_share:.0%} [MASK], {random_share:.0%} random | {kind}"
            print(mix, len(values), "p(original), p(what it reads), first guess right", *np.mean(values, axis=0))
