"""A fine-tuning on its way: what will be trained, the loss as it falls, and the runs of the session."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from plotly.subplots import make_subplots

from components.figures import draw_figure, put_legend_below
from components.language import t
from components.palette import BLUE, ORANGE
from components.text import plain
from components.tuning_controls import settings_in_words
from models.results import FineTuning, LabelledExample, Share, TuningSettings, TuningStep

__all__ = ["draw_curve", "draw_first", "draw_plan", "draw_runs"]

_SHOWN = 3  # examples, before a training
_MOST_RUNS = 6  # of a session that are kept


def draw_plan(settings: TuningSettings) -> None:
    """What the button will train, in one line: who gives a lecture has folded the settings away."""
    (_, task), *others = settings_in_words(settings).items()
    st.markdown(f"**{task}** · " + " · ".join(f"{name}: {value}" for name, value in others))


def draw_first(examples: Sequence[LabelledExample]) -> None:
    """The first examples of the table, which a lecture has folded away too."""
    shown = examples[:_SHOWN]
    columns = {
        t("sentence", "문장"): [plain(" / ".join(filter(None, (one.text, one.pair)))) for one in shown],
        t("label", "라벨"): [plain(one.label, 60) for one in shown],
    }
    st.table(pd.DataFrame(columns), hide_index=True, alt=t("The first examples", "처음 몇 예시"))


def draw_curve(steps: Sequence[TuningStep], key: str = "curve") -> pd.DataFrame:
    """Loss of each batch, loss and accuracy on what was held out; returns the table."""
    batches = [one for one in steps if one.loss is not None]
    tested = [one for one in steps if one.held_out_loss is not None]
    titles = (t("loss (nats)", "손실(nat)"), t("accuracy", "정확도"))
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.14, subplot_titles=titles)
    figure.add_scatter(
        x=[one.step for one in batches], y=[one.loss for one in batches], name=t("batch", "배치"), mode="lines",
        line={"color": BLUE, "width": 1.5}, row=1, col=1,
    )  # fmt: skip
    losses, accuracies = [one.held_out_loss for one in tested], [one.held_out_accuracy for one in tested]
    for column, values in enumerate((losses, accuracies), 1):
        figure.add_scatter(
            x=[one.step for one in tested], y=values, name=t("held out", "떼어 둔 예시"), mode="lines+markers",
            line={"color": ORANGE, "width": 2, "dash": "dash"}, marker={"size": 9, "symbol": "diamond"}, cliponaxis=False,
            showlegend=column == 1, row=1, col=column,
        )  # fmt: skip
    figure.update_xaxes(title=t("step", "스텝"), range=[0, max(1, len(steps) - 1)])
    figure.update_yaxes(rangemode="tozero", row=1, col=1)
    figure.update_yaxes(range=[-0.03, 1.03], tickformat=".0%", row=1, col=2)
    figure.update_layout(height=340, margin={"t": 30, "l": 10, "r": 10})
    put_legend_below(figure)
    draw_figure(figure, key=key, alt=t("Loss and accuracy by step", "스텝별 손실과 정확도"))
    return pd.DataFrame(
        [(one.step, one.loss, one.held_out_loss, one.held_out_accuracy) for one in steps],
        columns=[
            t("step", "스텝"),
            t("loss", "손실"),
            t("held-out loss", "떼어 둔 예시의 손실"),
            t("accuracy", "정확도"),
        ],
    )


def draw_runs(found: FineTuning | None, model: str, examples: Sequence[LabelledExample]) -> pd.DataFrame | None:
    """The trainings of this session beside each other, ``found`` added to them; returns their table, None where there is none.

    The session keeps small numbers only, no models.
    """
    runs: dict[int, tuple[str, TuningSettings, int, Share, bool]] = st.session_state.setdefault("runs so far", {})
    if found is not None:
        key = hash((model, found.settings, tuple(examples)))
        whole = found.settings.epochs * -(-len(found.train) // found.settings.batch_size)
        runs[key] = model, found.settings, len(examples), found.accuracy, len(found.steps) <= whole
        for oldest in list(runs)[:-_MOST_RUNS]:
            del runs[oldest]
    if not runs:
        return None
    table = pd.DataFrame(
        [
            {
                t("model", "모델"): name.rpartition("/")[2],
                **settings_in_words(settings),
                t("examples", "예시"): many,
                t("accuracy", "정확도"): f"{share.value:.0%} ({share.hits} / {share.trials})",
                "95%": f"{share.low:.0%}–{share.high:.0%}" + (t(", stopped", ", 중단") if stopped else ""),
            }
            for name, settings, many, share, stopped in runs.values()
        ]
    )
    if found is None or len(runs) > 1:  # else the page shows its only run already
        *settings, accuracy, interval = table.columns
        rows = []
        for _, row in table.astype(str).iterrows():
            words = [f"{name} {row[name]}" if name in settings[-3:] else row[name] for name in settings]
            rows.append((" · ".join(map(plain, words)), row[accuracy], row[interval]))
        alt = t("Trainings of this session", "이번 세션의 학습")
        st.table(pd.DataFrame(rows, columns=[alt, accuracy, interval]), hide_index=True, alt=alt)
    return table
