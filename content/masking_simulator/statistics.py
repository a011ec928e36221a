import numpy as np
from transformers import AutoTokenizer, DataCollatorForLanguageModeling

model_id = "models/checkpoints/mini-bert"
text = "The river flows through the city."
unit = "token"
rate = 0.15
mask_share = 0.8
random_share = 0.1
seed = 1
draws = 1000

tokenizer = AutoTokenizer.from_pretrained(model_id)
encoding = tokenizer(text, return_special_tokens_mask=True)
special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
words = np.array(
    [-1 if i in special else word for i, word in zip(encoding["input_ids"], encoding.word_ids(), strict=True)]
)  # (L,), -1 where nothing is hidden
selecting, fating, _ = (np.random.default_rng([seed, stream]) for stream in range(3))
fates = fating.random((draws, len(words)))
if unit == "token":
    selected = selecting.random((draws, len(words))) < rate  # (draws, L)
elif unit == "word":
    selected = (selecting.random((draws, words.max() + 1)) < rate)[:, words]
else:
    from models.masking import draw_spans  # of whole words, until the rate is reached

    spans = draw_spans(words, rate, draws, selecting)  # one more than where its span begins, 0 outside
    selected, fates = spans > 0, np.take_along_axis(fates, np.maximum(spans - 1, 0), axis=1)
selected &= words >= 0
fates = fates[selected]
print("selected", selected.sum() / (draws * (words >= 0).sum()))
print(
    "[MASK]", (fates < mask_share).sum(), "random", ((fates >= mask_share) & (fates < mask_share + random_share)).sum()
)
print("tokens per draw", np.bincount(selected.sum(1)).tolist())

# The collator of Transformers draws with random numbers of its own: the same shares, other tokens.
collator = DataCollatorForLanguageModeling(
    tokenizer, mlm_probability=rate, mask_replace_prob=mask_share, random_replace_prob=random_share, seed=seed
)
labels = collator([encoding] * draws)["labels"]  # (draws, L)
print("Transformers' collator", (labels != -100).float().mean(0).tolist())
