"""What padding does to a model that reads it, and to one that is told by attention_mask not to."""

from __future__ import annotations

from typing import Any

from models.catalogue import entry, is_embedded
from models.compute import computed_once, forward
from models.loading import LoadedModel, LoadedTokenizer
from models.results import Batch, PaddingEffect

__all__ = ["padding_effect", "reader_of"]

_READER = "mini-bert"


def reader_of(tokenizer: LoadedTokenizer) -> str | None:
    """The embedded model that belongs to this tokenizer: mini-bert for bert-base-uncased's WordPiece, else None."""
    own, reader = tokenizer.origin.entry, entry(_READER)
    belongs = own is not None and own.tokenizer_folder == reader.tokenizer_folder
    return _READER if belongs and is_embedded(reader) else None


@computed_once
def padding_effect(loaded: LoadedModel, batch: Batch) -> PaddingEffect:
    """How far padding moves the vector of [CLS] of the shortest text of a batch, with and without its attention_mask.

    Compared are the last hidden states at [CLS] (H,), C of Devlin et al. 2019, section 3, of the text alone (1, l) and in
    its padded row (1, L). With the mask the cosine is 1: nothing attends to padding. But padding on the left shifts the
    text, and with it the position embeddings that are added to it.
    """
    import torch

    row = batch.lengths.index(min(batch.lengths))
    input_ids, mask = torch.tensor([batch.input_ids[row]]), torch.tensor([batch.attention_mask[row]])  # (1, L)
    first = batch.attention_mask[row].index(1)  # [CLS] begins the text

    def read(place: int, **inputs: Any) -> Any:
        return forward(loaded, **inputs).last_hidden_state[0, place]  # (H,)

    alone = read(0, input_ids=input_ids[:, mask[0].bool()])
    with_mask, without_mask = (
        float(torch.cosine_similarity(alone, read(first, input_ids=input_ids, attention_mask=seen), dim=0))
        for seen in (mask, torch.ones_like(mask))
    )
    return PaddingEffect(
        loaded.origin.name, row, batch.lengths[row], len(batch.input_ids[row]), first, with_mask, without_mask
    )
