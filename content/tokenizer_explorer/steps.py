import json
from itertools import pairwise

from transformers import AutoTokenizer

model_ids = ["bert-base-uncased", "gpt2"]
text = "pretraining"


def match(word, model):  # WordPiece: the longest piece that fits, again and again
    start = 0
    if len(word) > model["max_input_chars_per_word"]:
        print(start, "[UNK]")
        return
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in model["vocab"]:
                print(start, piece)
                start = end
                break
        else:
            print(start, "[UNK]")
            break


def merge(word, model):  # byte pair encoding: merge the pair with the smallest rank, again and again
    ranks = {tuple(pair): rank for rank, pair in enumerate(model["merges"])}
    symbols = list(word)
    if model["end_of_word_suffix"]:
        symbols[-1] += model["end_of_word_suffix"]
    print("start", *symbols)
    while pairs := [pair for pair in pairwise(symbols) if pair in ranks]:
        best = min(pairs, key=ranks.get)
        merged = []
        for symbol in symbols:
            if merged and (merged[-1], symbol) == best:
                merged[-1] += symbol
            else:
                merged.append(symbol)
        symbols = merged
        print(ranks[best], *symbols)


for model_id in model_ids:
    print(model_id)
    backend = AutoTokenizer.from_pretrained(model_id).backend_tokenizer
    normal = backend.normalizer.normalize_str(text) if backend.normalizer else text
    word = backend.pre_tokenizer.pre_tokenize_str(normal)[0][0]
    model = json.loads(backend.to_str())["model"]
    (match if model["type"] == "WordPiece" else merge)(word, model)
