"""The page's numbers against output_attentions called directly, and the definitions on matrices made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModel

from models.attention import (
    attend,
    entropy_of,
    head_grid,
    head_of,
    load_for_attention,
    max_pool,
    pattern_of,
    shape_of,
)
from models.attention_views import by_word, combined, compare_causal, difference, rollout
from models.catalogue import ROOT, entries
from models.input_embeddings import embedding_sum, sinusoids
from models.loading import LoadedModel
from models.results import PlaygroundError
from tests.hub_server import HubServer
from tests.tiny_checkpoints import ARCHITECTURES, make_checkpoint

SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"
SENTENCE = "The cat sat on the mat because it was tired."
LONG = "the cat sat on the mat . " * 100


@pytest.fixture(scope="module")
def mini() -> LoadedModel:
    return load_for_attention("mini-bert")


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In place of those of conftest.py: with a row for every entry of the embedded tokenizers."""
    folder = tmp_path_factory.mktemp("checkpoints")
    for name in ARCHITECTURES:
        make_checkpoint(name, folder / name, vocab_size=50_257)
    return folder


def directly(text: str, pair: str | None = None) -> torch.Tensor:
    """(layers, heads, L, L) as a reader would compute it, from a model of its own."""
    from transformers import AutoTokenizer

    folder = ROOT / "models/checkpoints/mini-bert"
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype="float32").eval()
    encoding = AutoTokenizer.from_pretrained(folder)(text, pair, return_tensors="pt")
    with torch.inference_mode():
        return torch.stack(model(**encoding, output_attentions=True).attentions)[:, 0]


@pytest.mark.parametrize("pair", ["", "Me too."])
def test_weights_are_those_of_output_attentions(mini: LoadedModel, pair: str) -> None:
    found = attend(mini, SENTENCE, pair)
    np.testing.assert_array_equal(found.weights, directly(SENTENCE, pair or None).numpy())
    np.testing.assert_array_equal(head_of(mini, SENTENCE, pair, 3, 5).weights, found.weights[3, 5])
    np.testing.assert_allclose(head_of(mini, SENTENCE, pair, 3, None).weights, found.weights[3].mean(0))
    assert found.words[-5:] == ((7, 8, 9, 9, None) if not pair else (None, 10, 11, 11, None))


@pytest.mark.parametrize("words", [20, 200, 500])
def test_rows_sum_to_one(mini: LoadedModel, words: int) -> None:
    found = attend(mini, " ".join(LONG.split()[:words]))
    assert found.weights.dtype == (np.float32 if words < 126 else np.float16)
    np.testing.assert_allclose(found.weights.astype(np.float32).sum(-1), 1, atol=1e-5 if words < 126 else 1e-3)


@pytest.mark.parametrize("name", [entry.name for entry in entries() if entry.folder is None])
def test_every_architecture_gives_attention(hub: HubServer, name: str) -> None:
    loaded = load_for_attention(name)
    found = attend(loaded, "i want to go home .")
    assert found.weights.shape[:2] == (shape_of(loaded).layers, shape_of(loaded).heads)
    np.testing.assert_allclose(found.weights.sum(-1), 1, atol=1e-5)
    causal = "GPT" in entry_family(name) or entry_family(name) == "SmolLM2"
    assert found.causal is causal
    assert bool(np.triu(found.weights, 1).max() == 0) is causal
    assert (found.value_norms is None) is (entry_family(name) == "XLNet")
    assert len(head_grid(loaded, "i want to go home .", "").patterns) == shape_of(loaded).layers


def entry_family(name: str) -> str:
    return next(entry.family for entry in entries() if entry.name == name)


def test_a_causal_mask_hides_what_comes_later(mini: LoadedModel) -> None:
    both = compare_causal(mini, None, SENTENCE, "", 2, None)
    assert both.same_model
    assert (both.left.causal, both.right.causal) == (False, True)
    assert np.triu(both.right.weights, 1).max() == 0
    np.testing.assert_allclose(both.right.weights.sum(-1), 1, atol=1e-5)


def test_a_decoder_beside_an_encoder(hub: HubServer, mini: LoadedModel) -> None:
    both = compare_causal(mini, load_for_attention("gpt2"), "i want to go home .", "", 5, None)
    assert not both.same_model
    assert (both.left.causal, both.right.causal) == (False, True)
    with pytest.raises(PlaygroundError, match="causal mask cannot"):
        compare_causal(load_for_attention("xlnet-base-cased"), None, "i want", "", 0, None)


def test_too_long_and_empty_are_sentences(mini: LoadedModel) -> None:
    with pytest.raises(PlaygroundError, match="702 tokens for mini-bert; this page shows up to 512"):
        attend(mini, LONG)
    with pytest.raises(PlaygroundError, match="no text"):
        attend(mini, " ")


# --- values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["mini-bert", "gpt2", "openai-gpt", "distilbert-base-uncased", "albert-base-v2", SMOLLM2]
)
def test_value_norms_explain_the_output_of_the_attention(hub: HubServer, name: str) -> None:
    """sum_j a_ij f(x_j) over all heads, plus the bias of W_O, is what the attention block returns."""
    from models.vectors import _layers_of, value_norms_of

    loaded = load_for_attention(name)
    model = loaded.model
    ids = torch.tensor([[2, 5, 6, 7, 3]])
    returned: list[torch.Tensor] = []  # by Llama's attention blocks, which need rotary positions when called alone
    if name == SMOLLM2:
        model.layers[0].self_attn.register_forward_hook(lambda _block, _inputs, found: returned.append(found[0]))
    with torch.inference_mode():
        outputs = model(ids, output_attentions=True, output_hidden_states=True)
        values_of, output = _layers_of(model)[0]
        heads = model.config.num_attention_heads
        values = values_of(outputs.hidden_states[0])[0]
        values = values.view(5, heads, -1).transpose(0, 1)
        transformed = values @ output.reshape(heads, values.shape[-1], -1)  # (heads, L, H)
        mixed = outputs.attentions[0][0] @ transformed
        norms = value_norms_of(model, outputs.hidden_states)
        hidden = outputs.hidden_states[0]
        if name == SMOLLM2:
            bias, expected = 0, returned[0][0]
        elif name == "gpt2":
            block, bias = model.h[0].attn, model.h[0].attn.c_proj.bias
            expected = block(model.h[0].ln_1(hidden), attention_mask=torch.full((1, 1, 5, 5), -1e30).triu(1))[0][0]
        elif name == "openai-gpt":
            block, bias = model.h[0].attn, model.h[0].attn.c_proj.bias
            expected = block(hidden)[0][0]
        elif name == "distilbert-base-uncased":
            block, bias = model.transformer.layer[0].attention, model.transformer.layer[0].attention.out_lin.bias
            expected = block(hidden)[0][0]
        elif name == "albert-base-v2":
            block = model.encoder.albert_layer_groups[0].albert_layers[0].attention
            bias = block.dense.bias
            block.LayerNorm, kept = torch.nn.Identity(), block.LayerNorm
            expected = block(hidden)[0][0] - hidden[0]
            block.LayerNorm = kept
        else:
            block = model.encoder.layer[0].attention
            bias = block.output.dense.bias
            expected = block.output.dense(block.self(hidden)[0])[0]
    torch.testing.assert_close(mixed.sum(0) + bias, expected, atol=1e-5, rtol=1e-4)
    assert norms is not None
    assert norms.shape == (shape_of(loaded).layers, heads, 5)
    np.testing.assert_allclose(norms[0], transformed.norm(dim=-1).numpy(), rtol=1e-4)


def test_weighting_by_norms_follows_the_definition(mini: LoadedModel) -> None:
    found = attend(mini, SENTENCE)
    assert found.value_norms is not None
    weighted = found.weights[4, 2] * found.value_norms[4, 2][None, :]
    expected = weighted / weighted.sum(-1, keepdims=True)
    np.testing.assert_allclose(combined(mini, SENTENCE, "", 4, (2,), "norm").weights, expected, rtol=1e-5)


# --- put together ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["mean", "max", "norm", "rollout"])
@pytest.mark.parametrize("without_sinks", [False, True])
def test_combined_rows_sum_to_one(mini: LoadedModel, how: str, without_sinks: bool) -> None:
    found = combined(mini, SENTENCE, "", 3, (1, 4), how, without_sinks)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.weights.sum(-1), 1, atol=1e-5)
    assert (found.left_out == ("[CLS]", "[SEP]")) is without_sinks
    if how == "mean" and without_sinks:
        mean = attend(mini, SENTENCE).weights[3, [1, 4]].mean(0)
        assert found.left_out_share == pytest.approx(mean[1:-1][:, [0, -1]].sum(-1).mean(), abs=1e-6)


def test_rollout_by_hand() -> None:
    a = np.array([[1, 0], [0.5, 0.5]], dtype=np.float32)
    b = np.array([[0.2, 0.8], [0, 1]], dtype=np.float32)
    eye = np.eye(2)
    np.testing.assert_allclose(rollout(np.stack([a, b])), (0.5 * b + 0.5 * eye) @ (0.5 * a + 0.5 * eye), rtol=1e-6)


def test_rollout_ends_with_the_layer_that_is_shown(mini: LoadedModel) -> None:
    expected = rollout(attend(mini, SENTENCE).weights[:2, [1, 4]].mean(1))
    np.testing.assert_allclose(combined(mini, SENTENCE, "", 1, (1, 4), "rollout").weights, expected, rtol=1e-5)


def test_nothing_left_without_special_tokens_is_a_sentence(mini: LoadedModel) -> None:
    with pytest.raises(PlaygroundError, match="nothing is left"):
        combined(mini, "a", "", 0, (), "mean", True)


# --- heads by name -----------------------------------------------------------------------------------------------


def shifted(length: int, step: int, share: float = 0.9) -> np.ndarray:
    matrix = np.full((length, length), (1 - share) / length)
    for row in range(length):
        matrix[row, min(max(row + step, 0), length - 1)] += share
    return matrix


TOKENS = ["[CLS]", *"abcdefgh", "[SEP]"]
SPECIAL = [True, *[False] * 8, True]


@pytest.mark.parametrize(("step", "name"), [(-1, "previous"), (1, "next"), (0, "same")])
def test_diagonals_have_names(step: int, name: str) -> None:
    found, share = pattern_of(shifted(10, step), TOKENS, SPECIAL, causal=False)
    assert found == name
    assert share == pytest.approx(0.91, abs=0.01)


@pytest.mark.parametrize(("column", "name"), [(0, "first"), (9, "separator")])
def test_columns_have_names(column: int, name: str) -> None:
    matrix = np.full((10, 10), 0.02)
    matrix[:, column] += 0.8
    assert pattern_of(matrix, TOKENS, SPECIAL, causal=False)[0] == name


def test_even_attention_is_broad_and_a_mixture_has_no_name() -> None:
    assert pattern_of(np.full((10, 10), 0.1), TOKENS, SPECIAL, causal=False)[0] == "broad"
    even = np.tril(np.ones((10, 10)))
    assert pattern_of(even / even.sum(-1, keepdims=True), TOKENS, [False] * 10, causal=True)[0] == "broad"
    mixture = (shifted(10, -1) + shifted(10, 3)) / 2
    assert pattern_of(mixture, TOKENS, SPECIAL, causal=False)[0] == ""
    uneven = np.full((10, 10), 0.06) + 0.4 * np.eye(10)[(np.arange(10) + 4) % 10]
    assert 0.8 < entropy_of(uneven)[0] / np.log(10) < 0.9
    assert pattern_of(uneven, TOKENS, SPECIAL, causal=False)[0] == ""


def test_the_first_token_itself_does_not_count_for_the_first_nor_cls_for_the_separators() -> None:
    causal = np.array([[1, 0, 0, 0], [0.4, 0.6, 0, 0], [0.45, 0.5, 0.05, 0], [0.45, 0.3, 0.2, 0.05]])
    found, share = pattern_of(causal, list("abcd"), [False] * 4, causal=True)
    assert (found, share) == ("", pytest.approx(1.3 / 3))
    pair, special = ["[CLS]", "a", "b", "[SEP]", "c", "[SEP]"], [True, False, False, True, False, True]
    both = np.tile([0.2, 0.07, 0.07, 0.3, 0.06, 0.3], (6, 1))
    assert pattern_of(both, pair, special, causal=False) == ("separator", pytest.approx(0.6))
    outer = np.tile([0.4, 0.06, 0.06, 0.36, 0.06, 0.06], (6, 1))
    assert pattern_of(outer, pair, special, causal=False) == ("", pytest.approx(0.42))


def test_entropy_and_distance_by_hand(mini: LoadedModel) -> None:
    assert entropy_of(np.array([[1.0, 0.0], [0.5, 0.5]])) == pytest.approx([0, np.log(2)])
    grid, weights = head_grid(mini, SENTENCE, ""), attend(mini, SENTENCE).weights[1, 7]
    by_hand = np.mean([sum(w * abs(i - j) for j, w in enumerate(row)) for i, row in enumerate(weights)])
    assert grid.distance[1, 7] == pytest.approx(by_hand, rel=1e-5)
    assert grid.patterns[0][2] == "previous"


@given(st.integers(1, 60), st.integers(1, 60))
def test_max_pool_keeps_the_largest(length: int, size: int) -> None:
    size = min(size, length)
    matrix = np.random.default_rng(length).random((2, length, length))
    pooled = max_pool(matrix, size)
    assert pooled.shape == (2, size, size)
    assert (pooled.max((1, 2)) == matrix.max((1, 2))).all()


# --- where a vector comes from -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mini-bert", "gpt2", "openai-gpt", "deepset/roberta-base-squad2", "albert-base-v2"])
def test_the_parts_add_up_to_the_input(hub: HubServer, name: str) -> None:
    loaded = load_for_attention(name)
    parts = attend(loaded, "i want", "to go").embeddings
    caught: list[torch.Tensor] = []
    model = loaded.model
    if hasattr(model, "embeddings"):
        hook = model.embeddings.LayerNorm.register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
    else:
        hook = model.h[0].register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
    attend.__wrapped__(loaded, "i want", "to go")  # the function itself, without what was kept
    hook.remove()
    np.testing.assert_allclose(sum(parts.values()), caught[0][0].numpy(), atol=1e-6)


def test_embedding_sum(mini: LoadedModel, hub: HubServer) -> None:
    found = embedding_sum(mini, SENTENCE, "Me too.")
    assert found.parts == ("token", "position", "segment")
    assert found.norms.shape == (4, len(found.tokens))
    assert np.abs(found.cosines).max() <= 1 + 1e-5
    assert found.learned is not None
    table = mini.model.embeddings.position_embeddings.weight.detach()
    assert (found.step, found.learned.shape) == (2, (256, 256)), "of the 512 positions every second"
    expected = torch.cosine_similarity(table[2], table[20], dim=0)
    assert found.learned[1, 10] == pytest.approx(expected.item(), abs=1e-5)
    parts = attend(mini, SENTENCE, "Me too.").embeddings
    total = torch.tensor(sum(parts.values()))
    expected = torch.cosine_similarity(torch.tensor(parts["position"]), total, dim=-1)
    np.testing.assert_allclose(found.cosines[1], expected, atol=1e-5)
    with pytest.raises(PlaygroundError, match="adds nothing"):
        embedding_sum(load_for_attention("xlnet-base-cased"), "i want", "")


def test_sinusoids_by_hand() -> None:
    waves = sinusoids(4, 6)
    assert waves[3, 2] == pytest.approx(np.sin(3 / 10000 ** (2 / 6)))
    assert waves[3, 3] == pytest.approx(np.cos(3 / 10000 ** (2 / 6)))


# --- differences -------------------------------------------------------------------------------------------------


def test_differences_over_tokens_and_over_words(mini: LoadedModel) -> None:
    layers = difference(mini, mini, (SENTENCE, SENTENCE), "", (0, 5), 2)
    assert layers.unit == "token"
    np.testing.assert_array_equal(layers.second, attend(mini, SENTENCE).weights[5, 2])
    one_word = difference(mini, mini, (SENTENCE, SENTENCE.replace("tired", "happy")), "", (1, 1), None)
    assert (one_word.unit, one_word.other_rows[-3]) == ("token", "happy"), "as many tokens line up, of one tokenizer"
    texts = difference(mini, mini, (SENTENCE, SENTENCE.replace("tired", "electroencephalographic")), "", (1, 1), None)
    assert texts.unit == "word"
    assert texts.rows == tuple(SENTENCE.split())
    np.testing.assert_allclose(texts.second.sum(-1), 1, atol=1e-5)
    with pytest.raises(PlaygroundError, match="10 and 3 words"):
        difference(mini, mini, (SENTENCE, "I go home."), "", (1, 1), None)


def test_words_across_tokenizers(mini: LoadedModel, hub: HubServer) -> None:
    found = difference(mini, load_for_attention("gpt2"), ("i want unaffable",) * 2, "go home", (1, 1), None)
    assert found.unit == "word"
    assert found.rows == ("i", "want", "unaffable", "go", "home")


def test_attention_to_words_by_hand() -> None:
    weights = np.array([[0.1, 0.2, 0.3, 0.4], [0.25] * 4, [0, 0.5, 0.5, 0], [0, 0, 0, 1]])
    found = by_word(weights, [None, 0, 0, 1], 2)
    from_first = [(0.25 + 0.25 + 0.5 + 0.5) / 2, (0.25 + 0) / 2]
    np.testing.assert_allclose(found, [np.array(from_first) / sum(from_first), [0, 1]], rtol=1e-6)
