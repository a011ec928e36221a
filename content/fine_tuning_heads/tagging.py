import re

import torch
import torch.nn.functional as F
from transformers import AutoConfig, AutoModel, AutoTokenizer, get_linear_schedule_with_warmup

model_id = "models/checkpoints/mini-bert"
train = [("Anna moved to Oslo.", "Anna = person; Oslo = place")]  # text, tagged phrases
held_out = [("Peter lives in Rome.", "Peter = person; Rome = place")]
scope = "all"  # or "head": the encoder stays as it is
start = "pretrained"  # or "random"
encoder_rate = 0.0002
head_rate = 0.001
epochs = 4
batch_size = 8
seed = 0


def phrases(tags):
    return [tuple(part.strip() for part in one.rsplit("=", 1)) for one in tags.split(";") if one.strip()]


tokenizer = AutoTokenizer.from_pretrained(model_id)
labels = ["O", *sorted({tag for _, tags in [*train, *held_out] for _, tag in phrases(tags)} - {"O"})]
encoder = AutoModel.from_pretrained(model_id, dtype="float32").eval()  # eval: no dropout
if start == "random":
    torch.manual_seed(seed)
    encoder = AutoModel.from_config(AutoConfig.from_pretrained(model_id)).eval()
head = torch.nn.Linear(encoder.config.hidden_size, len(labels))
generator = torch.Generator().manual_seed(seed)
torch.nn.init.normal_(head.weight, std=encoder.config.initializer_range, generator=generator)
torch.nn.init.zeros_(head.bias)


def targets_of(rows, encoding):
    """The label of each token, (B, L): -100 unless it is the first of its word."""
    targets = torch.full(encoding["input_ids"].shape, -100)
    for row, (text, tags) in enumerate(rows):
        words = encoding.word_ids(row)
        for place, word in enumerate(words):
            if word is not None and words[place - 1] != word:
                at = encoding.word_to_chars(row, word).start
                found = [
                    tag
                    for phrase, tag in phrases(tags)
                    for place in re.finditer(rf"(?<![^\W぀-ヿ一-鿿]){re.escape(phrase)}(?![^\W가-힣぀-ヿ一-鿿])", text)
                    if place.start() <= at < place.end()
                ]
                targets[row, place] = labels.index(found[0] if found else "O")
    return targets


def logits_and_targets(rows):
    encoding = tokenizer([text for text, _ in rows], padding=True, return_tensors="pt")
    with torch.set_grad_enabled(scope == "all" and torch.is_grad_enabled()):
        hidden = encoder(**encoding).last_hidden_state
    return head(hidden).flatten(0, 1), targets_of(rows, encoding).flatten()  # (B * L, K), (B * L,)


groups = [{"params": list(head.parameters()), "lr": head_rate}]
if scope == "all":
    groups.append({"params": list(encoder.parameters()), "lr": encoder_rate})
optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
schedule = get_linear_schedule_with_warmup(optimizer, 0, epochs * -(-len(train) // batch_size))
order = torch.Generator().manual_seed(seed)
for _ in range(epochs):
    places = torch.randperm(len(train), generator=order).tolist()
    for first in range(0, len(train), batch_size):
        loss = F.cross_entropy(*logits_and_targets([train[place] for place in places[first : first + batch_size]]))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([weight for group in groups for weight in group["params"]], 1.0)
        optimizer.step()
        schedule.step()
        print("loss", loss.item())
with torch.no_grad():
    logits, targets = logits_and_targets(held_out)
read = targets >= 0
print("held out", (logits.argmax(-1) == targets)[read].sum().item(), "of", read.sum().item())
