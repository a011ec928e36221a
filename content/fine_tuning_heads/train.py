import torch
import torch.nn.functional as F
from transformers import AutoConfig, AutoModel, AutoTokenizer, get_linear_schedule_with_warmup

model_id = "models/checkpoints/mini-bert"
train = [("A wonderful book.", None, "positive"), ("A terrible book.", None, "negative")]  # text, second text, label
held_out = [("I loved it.", None, "positive")]
scope = "all"  # or "head": the encoder stays as it is
start = "pretrained"  # or "random"
reads = "pooler"  # or "mean"
encoder_rate = 0.0002
head_rate = 0.001
epochs = 4
batch_size = 8
seed = 0

tokenizer = AutoTokenizer.from_pretrained(model_id)
labels = sorted({label for _, _, label in [*train, *held_out]})
encoder = AutoModel.from_pretrained(model_id, dtype="float32").eval()  # eval: no dropout
if start == "random":
    torch.manual_seed(seed)
    encoder = AutoModel.from_config(AutoConfig.from_pretrained(model_id)).eval()
head = torch.nn.Linear(encoder.config.hidden_size, len(labels))
generator = torch.Generator().manual_seed(seed)
torch.nn.init.normal_(head.weight, std=encoder.config.initializer_range, generator=generator)
torch.nn.init.zeros_(head.bias)


def logits_of(rows):
    texts, pairs = [text for text, _, _ in rows], [pair for _, pair, _ in rows]
    encoding = tokenizer(texts, pairs if pairs[0] else None, padding=True, return_tensors="pt")
    with torch.set_grad_enabled(scope == "all" and torch.is_grad_enabled()):
        found = encoder(**encoding)
    if reads == "pooler":
        return head(found.pooler_output)  # (B, K)
    mask = encoding["attention_mask"][..., None]
    return head((found.last_hidden_state * mask).sum(1) / mask.sum(1))


def loss_of(rows):
    return F.cross_entropy(logits_of(rows), torch.tensor([labels.index(label) for _, _, label in rows]))


groups = [{"params": list(head.parameters()), "lr": head_rate}]
if scope == "all":
    groups.append({"params": list(encoder.parameters()), "lr": encoder_rate})
optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
schedule = get_linear_schedule_with_warmup(optimizer, 0, epochs * -(-len(train) // batch_size))
order = torch.Generator().manual_seed(seed)
for _ in range(epochs):
    places = torch.randperm(len(train), generator=order).tolist()
    for first in range(0, len(train), batch_size):
        loss = loss_of([train[place] for place in places[first : first + batch_size]])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([weight for group in groups for weight in group["params"]], 1.0)
        optimizer.step()
        schedule.step()
        print("loss", loss.item())
with torch.no_grad():
    predicted = logits_of(held_out).argmax(-1)
right = sum(labels[best] == label for best, (_, _, label) in zip(predicted, held_out, strict=True))
print("held out", right, "of", len(held_out))
