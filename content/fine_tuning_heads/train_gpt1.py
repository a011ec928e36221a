import torch
import torch.nn.functional as F
from transformers import AutoModelForCausalLM, AutoTokenizer, get_linear_schedule_with_warmup

model_id = "HuggingFaceTB/SmolLM2-135M-Instruct"
train = [("A wonderful book.", None, "positive"), ("A terrible book.", None, "negative")]  # text, second text, label
held_out = [("I loved it.", None, "positive")]
head_rate = 0.003
epochs = 4
batch_size = 8
seed = 0

tokenizer = AutoTokenizer.from_pretrained(model_id)
labels = sorted({label for _, _, label in [*train, *held_out]})
model = AutoModelForCausalLM.from_pretrained(model_id, dtype="float32").eval()  # it stays as it is
H, std = model.config.hidden_size, model.config.initializer_range
start, delimiter, extract = torch.randn((3, H), generator=torch.Generator().manual_seed(0)) * std  # they stay, too
head = torch.nn.Linear(H, len(labels))  # new, and trained
torch.nn.init.normal_(head.weight, std=std, generator=torch.Generator().manual_seed(seed))
torch.nn.init.zeros_(head.bias)


def embeddings(text):
    return model.get_input_embeddings()(torch.tensor(tokenizer(text, add_special_tokens=False)["input_ids"]))


def read(text, pair, _):
    """The last hidden state of the extract token, (H,)."""
    parts = [start[None], embeddings(text), *([delimiter[None], embeddings(pair)] if pair else []), extract[None]]
    return model.base_model(inputs_embeds=torch.cat(parts)[None]).last_hidden_state[0, -1]


def targets_of(rows):
    return torch.tensor([labels.index(label) for _, _, label in rows])


with torch.no_grad():  # once: the model does not change
    vectors, held_out_vectors = (torch.stack([read(*row) for row in rows]) for rows in (train, held_out))
targets = targets_of(train)
optimizer = torch.optim.AdamW(head.parameters(), lr=head_rate, weight_decay=0.01, fused=True)
schedule = get_linear_schedule_with_warmup(optimizer, 0, epochs * -(-len(train) // batch_size))
order = torch.Generator().manual_seed(seed)
for _ in range(epochs):
    for batch in torch.randperm(len(train), generator=order).split(batch_size):
        loss = F.cross_entropy(head(vectors[batch]), targets[batch])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        print("loss", loss.item())
right = (head(held_out_vectors).argmax(-1) == targets_of(held_out)).sum().item()
print("held out", right, "of", len(held_out))
