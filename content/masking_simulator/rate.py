import numpy as np
import torch
from scipy.stats import binomtest
from transformers import AutoModelForMaskedLM, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
texts = ("The river flows through the city.",)
unit = "token"
mask_share = 0.8
random_share = 0.1
seed = 1
repeats = 20
rates = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")
special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}  # [MASK] too, where it was typed: never hidden
if unit == "span":
    from models.masking import draw_spans  # of whole words, until the rate is reached
for rate in rates:
    right, losses = 0, []
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
        corrupted = np.where(fates < mask_share, tokenizer.mask_token_id, input_ids)
        corrupted = np.where((fates >= mask_share) & (fates < mask_share + random_share), random_ids, corrupted)
        with torch.inference_mode():
            logits = model(input_ids=torch.from_numpy(np.where(selected, corrupted, input_ids))).logits
        labels = torch.from_numpy(np.broadcast_to(input_ids, shape)[selected])
        scores = logits[torch.from_numpy(selected)]  # (selected tokens, V)
        right += int((scores.argmax(-1) == labels).sum())
        losses += torch.nn.functional.cross_entropy(scores, labels, reduction="none").tolist()
    if losses:
        low, high = binomtest(right, len(losses)).proportion_ci(method="wilson")  # 95%
        print(rate, "predicted", len(losses), "right", right, f"({low:.3f} to {high:.3f})", end=" ")
        print("loss", sum(losses) / len(losses))
