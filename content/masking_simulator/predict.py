import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
text = "The river flows through the city."
corrupted_ids = [101, 1996, 103, 6223, 2083, 1996, 2103, 1012, 102]
labels = [-100, -100, 2314, -100, -100, -100, -100, -100, -100]
masks = [2]  # where the model reads [MASK], at most eight
order = "left"  # in which they are filled one by one: "left", "right" or "certain"
with_left_side = True  # whether the hidden words are read without their right side too
reader_model_id = None  # by a causal model; None: by the same model, cut off

tokenizer = AutoTokenizer.from_pretrained(model_id)
model = AutoModelForMaskedLM.from_pretrained(model_id, dtype="float32")


def read(ids):
    """Log-probabilities of all V tokens at each position  # (L, V)"""
    with torch.inference_mode():
        return model(input_ids=torch.tensor([ids])).logits[0].log_softmax(-1)


scores = read(corrupted_ids)
losses = []
for position, (token_id, label) in enumerate(zip(corrupted_ids, labels, strict=True)):
    if label == -100 and token_id != tokenizer.mask_token_id:
        continue
    probabilities = scores[position].exp()
    top = probabilities.topk(5)
    print(position, [(tokenizer.decode(i), round(p.item(), 4)) for p, i in zip(*top, strict=True)])
    if label != -100:
        losses.append(-scores[position, label].item())
        rank = int((probabilities > probabilities[label]).sum()) + 1
        print("  original", tokenizer.decode(label), "rank", rank, "loss", losses[-1])
if losses:
    print("mean loss", sum(losses) / len(losses))

if len(masks) > 1:  # fill them all at once, and one after the other
    at_once = {position: int(scores[position].argmax()) for position in masks}
    ids, rest, one_by_one = list(corrupted_ids), list(masks), {}
    while rest:
        now = read(ids)[rest]
        number = {"left": 0, "right": -1, "certain": int(now.max(1).values.argmax())}[order]
        position = rest.pop(number)
        ids[position] = one_by_one[position] = int(now[number].argmax())
    for name, filling in (("at once", at_once), ("one by one", one_by_one)):
        ids, independent, chain = list(corrupted_ids), 0.0, 0.0
        for position in one_by_one:
            independent += scores[position, filling[position]].item()
            chain += read(ids)[position, filling[position]].item()
            ids[position] = filling[position]
        print(name, tokenizer.convert_ids_to_tokens([filling[position] for position in masks]))
        print("  independent", torch.tensor(independent).exp().item(), "in a chain", torch.tensor(chain).exp().item())

encoding = tokenizer(text, return_offsets_mapping=True)
input_ids, special = encoding["input_ids"], set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
words, hidden = {}, set()  # number of a word -> where its tokens are; which words are hidden
for position, (token_id, number) in enumerate(zip(input_ids, encoding.word_ids(), strict=True)):
    if token_id not in special:
        words.setdefault(number, []).append(position)
        if corrupted_ids[position] == tokenizer.mask_token_id:
            hidden.add(number)
last = max(words, default=None)  # nothing stands to its right
compared = [places for number, places in words.items() if number in hidden - {last}][: 4096 // len(input_ids)]
compared = compared if with_left_side else []
if compared and reader_model_id:
    reading = AutoTokenizer.from_pretrained(reader_model_id)
    reader = AutoModelForCausalLM.from_pretrained(reader_model_id, dtype="float32")
    start_id = reading.get_vocab().get("<|endoftext|>", reading.bos_token_id)  # None: GPT-1 has no such token
    left = reading(text, return_offsets_mapping=True, add_special_tokens=False)
    begin = [] if start_id is None else [start_id]
    left_ids, offsets = begin + left["input_ids"], [(0, 0)] * len(begin) + left["offset_mapping"]
    with torch.inference_mode():
        left_scores = reader(input_ids=torch.tensor([left_ids])).logits[0].log_softmax(-1)
for places in compared:  # each hidden alone, its tokens from left to right
    start, end = encoding["offset_mapping"][places[0]][0], encoding["offset_mapping"][places[-1]][1]
    both = left_only = 0.0
    for number, position in enumerate(places):
        ids = [tokenizer.mask_token_id if p in places[number:] else i for p, i in enumerate(input_ids)]
        cut_off = [*ids[: places[-1] + 1], tokenizer.sep_token_id]
        both -= read(ids)[position, input_ids[position]].item()
        left_only -= 0 if reader_model_id else read(cut_off)[position, input_ids[position]].item()
    if reader_model_id:
        tokens = [n for n, (a, b) in enumerate(offsets) if n > 0 and a < end and b > start and b > a]
        left_only = sum(-left_scores[n - 1, left_ids[n]].item() for n in tokens)
    print(text[start:end], "loss with both sides", both, "left only", left_only)
