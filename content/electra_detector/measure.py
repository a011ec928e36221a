import numpy as np
import torch
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve, roc_auc_score
from transformers import ElectraForPreTraining

model_id = "models/checkpoints/mini-electra"
corrupted = [[101, 1996, 10026, 8823, 1996, 7954, 1012, 102]]  # texts after the generator
labels = [[-100, 0, 0, 1, 0, 0, 0, -100]]  # 1: the token was replaced, -100: a special token
masked = [[2, 3]]  # positions that the generator filled
threshold = 0.25  # from which a token is called replaced

model = ElectraForPreTraining.from_pretrained(model_id, dtype="float32")
probabilities = []
with torch.inference_mode():
    for input_ids in corrupted:
        probabilities += model(input_ids=torch.tensor([input_ids])).logits[0].sigmoid().tolist()
truth = np.concatenate(labels)
scores, truth = np.array(probabilities)[truth >= 0], truth[truth >= 0]

precision, recall, _ = precision_recall_curve(truth, scores)
print("ROC AUC", roc_auc_score(truth, scores))
print("average precision", average_precision_score(truth, scores))
print("best F1", (2 * precision * recall / np.maximum(precision + recall, 1e-12)).max())
print("F1 at this threshold", f1_score(truth, scores >= threshold))
lucky = [labels[number][position] == 0 for number, places in enumerate(masked) for position in places]
print("lucky samples", np.mean(lucky))
