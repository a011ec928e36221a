import torch
from transformers import AutoModel, AutoTokenizer

model_id = "bert-base-uncased"
text = "The cat sat on the mat because it was tired."
text_pair = None
other_id = "bert-base-uncased"
other_text = "The cat sat on the mat because it was tired."
layers = [0, 5]
head = None  # None: the mean of all heads


def attention(name, first, layer):
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = AutoModel.from_pretrained(name, attn_implementation="eager", dtype="float32").eval()
    inputs = tokenizer(first, text_pair, return_tensors="pt", return_offsets_mapping=True)
    offsets = inputs.pop("offset_mapping")[0].tolist()
    with torch.inference_mode():
        attentions = model(**inputs, output_attentions=True).attentions
    weights = attentions[min(layer, len(attentions) - 1)][0]
    matrix = weights.mean(0) if head is None else weights[min(head, len(weights) - 1)]
    words = []  # the word of each token, None for special tokens
    for (_, end), segment in zip(offsets, inputs.sequence_ids(0), strict=True):
        begun = len((text_pair if segment else first)[:end].split())
        words.append(None if segment is None else max(begun - 1, 0) + (len(first.split()) if segment else 0))
    return tokenizer.convert_ids_to_tokens(inputs["input_ids"][0]), words, matrix


def by_word(words, matrix):  # Clark et al. 2019, section 4.1: sums to words, means from words
    count = max(word for word in words if word is not None) + 1
    member = torch.tensor([[float(word == number) for word in words] for number in range(count)])
    matrix = member @ (matrix @ member.T) / member.sum(-1, keepdim=True)
    return matrix / matrix.sum(-1, keepdim=True)


one = attention(model_id, text, layers[0])
two = attention(other_id, other_text, layers[1])
if len(one[0]) != len(two[0]) or (model_id != other_id and one[0] != two[0]):
    difference = by_word(*two[1:]) - by_word(*one[1:])
else:
    difference = two[2] - one[2]
for row in difference.tolist():
    print(*(f"{change:+.4f}" for change in row))
