"""What depth does to the residual stream, the vectors that every layer adds to: before training and after."""

from __future__ import annotations

from contextlib import suppress

from models import packaged
from models.catalogue import entry
from models.compute import computed_once, forward, turn
from models.libraries import import_models, one_at_a_time
from models.loading import LoadedModel, availability, load_model
from models.results import PlaygroundError, ResidualGrowth, VectorLengths
from models.tokenization import tokenize

__all__ = ["lengths_at_hand", "residual_growth", "vector_lengths"]

DEPTHS = (6, 12, 24, 48)  # GPT-2 comes in 12 to 48 layers
WIDTH = 128
TOKENS = 64
_HEADS = {"mini-bert": "MaskedLM", packaged.NAME: "CausalLM"}  # as other pages load them


@computed_once
def residual_growth() -> ResidualGrowth:
    """The spread of the residual stream in small GPT-2s with random weights, with GPT-2's scaling and without it.

    Each has N = 2 L residual layers. Transformers draws the weights of their output matrices (``c_proj``) 1/sqrt(N) as
    large as all others (Radford et al. 2019, section 2.3); multiplied by sqrt(N) they are as in GPT-1. What is measured
    is the standard deviation of all components of all vectors (64 tokens x 128) before the last layer normalization.
    """
    import_models()
    import torch

    with one_at_a_time:
        from transformers import GPT2Config, GPT2Model

    scaled, unscaled = [], []
    for layers in DEPTHS:
        with one_at_a_time, torch.random.fork_rng():
            torch.manual_seed(0)
            model = GPT2Model(GPT2Config(n_embd=WIDTH, n_head=4, n_layer=layers)).eval()
        model.ln_f = torch.nn.Identity()
        with turn(), torch.no_grad():
            scaled.append(model(torch.arange(TOKENS)[None]).last_hidden_state.std().item())
            for name, weight in model.named_parameters():
                if name.endswith("c_proj.weight"):
                    weight *= (2 * layers) ** 0.5
            unscaled.append(model(torch.arange(TOKENS)[None]).last_hidden_state.std().item())
    return ResidualGrowth(WIDTH, DEPTHS, tuple(scaled), tuple(unscaled))


@computed_once
def vector_lengths(loaded: LoadedModel, text: str) -> VectorLengths:
    """How long the vectors of a text are before the first layer and after each.

    A pre-LN model normalizes once more after its last layer; Transformers gives that state only normalized, and it
    is left out. The first token counts apart: models park attention there, and its vector can grow very long (Xiao et
    al. 2024, section 3.1; Sun et al. 2024). Raises PlaygroundError for a text of one token.
    """
    import torch

    input_ids = tokenize(loaded.tokenizer, text).input_ids
    if len(input_ids) < 2:
        raise PlaygroundError("The text needs two tokens or more.", "토큰이 둘 이상인 글이 필요합니다.")
    states = forward(loaded, input_ids=torch.tensor([input_ids]), output_hidden_states=True).hidden_states
    pre_norm = hasattr(loaded.model.base_model, "norm")
    lengths = torch.stack(states[:-1] if pre_norm else states)[:, 0].norm(dim=-1)  # (layers, L)
    return VectorLengths(
        model=loaded.origin.name,
        text=text,
        pre_norm=pre_norm,
        lengths=lengths[:, 1:].mean(dim=-1).numpy(),
        first=lengths[:, 0].numpy(),
    )


def lengths_at_hand(text: str) -> list[VectorLengths]:
    """The vector lengths in mini-bert (post-LN), and in SmolLM2 (pre-LN) where it is on this computer already."""
    found = []
    for name, head in _HEADS.items():
        if availability(entry(name)) != "hub":
            with suppress(PlaygroundError):  # too large for this server: the picture is one line less
                found.append(vector_lengths(load_model(name, head), text))
    return found
