"""Losses in lines of logs, as training scripts print them."""

from __future__ import annotations

import pytest

from sagehen.services.sagemaker.training.rules.facts.losses import Losses, Series

# (line, training losses, validation losses)
_LINES = [
    ("Train Epoch: 6 [12800/50000 (26%)]\tLoss: 0.527561", [0.527561], []),
    ("Test set: Average loss: 4.9940, Accuracy: 7089/10000 (71%)", [], [4.994]),
    ("Training Loss: 2.686378387743206", [2.686378387743206], []),
    ("train_loss=0.3 val_loss=0.4", [0.3], [0.4]),
    ("100/100 - 1s 2ms/step - accuracy: 0.9 - loss: 0.25 - val_accuracy: 0.8 - val_loss: 0.5", [0.25], [0.5]),
    ("{'loss': 1e-3, 'eval_loss': 2.5E+1}", [1e-3], [25.0]),
    ("the loss is 0.25", [0.25], []),
    ("loss is computed", [], []),
    ("Evaluating the loss function of 3 models", [], []),
    ("lossless: 4", [4.0], []),
    ("latest loss: -1.5", [-1.5], []),  # `latest` is no test
    ("nothing", [], []),
    ("loss:" + " " * 50_000 + "1", [], []),
    ("x" * 5_000 + " loss: 1", [], []),
    ("loss=" + "9" * 50_000, [float("9" * 30)], []),
]


@pytest.mark.parametrize(("line", "training", "validation"), _LINES, ids=range(len(_LINES)))
def test_losses_of_a_line(line: str, training: list[float], validation: list[float]) -> None:
    losses = Losses(from_metrics=False)
    losses.line(line, 7.0)
    assert list(losses.training.values) == training
    assert list(losses.validation.values) == validation
    assert losses.first_at == (7.0 if training or validation else None)


def test_metric_definitions_come_before_the_log() -> None:
    losses = Losses(from_metrics=True)
    losses.line("loss: 9", 1.0)
    losses.measured({"train:loss": 1.0, "accuracy": 5.0}, 2.0)
    losses.measured({"validation:loss": 3.0}, 3.0)
    assert (list(losses.training.values), list(losses.validation.values)) == ([1.0], [3.0])
    assert losses.pairs == [(1, 1.0, 3.0)]


def test_a_long_series_is_thinned_out_and_knows_its_steps() -> None:
    series = Series()
    for number in range(100_000):
        series.add(float(number))
    assert len(series) == 100_000
    assert len(series.values) < 20_000
    assert all(series.step(i) == value for i, value in enumerate(series.values))
