import networkx as nx
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

model_id = "models/checkpoints/mini-bert"
text = "To plant a flower he dug the ground with a [MASK]."
fact = ""
candidates = [["spade"], ["gun"], ["bull", "##do", "##zer"]]  # tokens
language = "en"  # of the triples
question = ["plant", "flower"]  # words of the sentence that the graph knows
answers = {"spade": ["spade"], "gun": ["gun"], "bulldozer": []}  # and those of each candidate

with open("content/knowledge/triples.tsv", encoding="utf-8") as file:
    rows = [line.rstrip("\n").split("\t") for line in file]  # head, relation, tail, language, source
graph = nx.Graph()
graph.add_edges_from((head, tail) for head, _, tail, own, _ in rows if own == language)
for name, words in answers.items():
    paths = [nx.shortest_path(graph, one, two) for one in question for two in words if nx.has_path(graph, one, two)]
    path = min(paths, key=len, default=None)
    print("path", name, *([" → ".join(path), len(path) - 1] if path else ["none"]))

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
