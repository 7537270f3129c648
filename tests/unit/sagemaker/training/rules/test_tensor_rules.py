"""Rules on tensors that the test makes up."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.sagemaker.training.rules.configuration import Rule
from sagehen.services.sagemaker.training.rules.evaluate import evaluate
from sagehen.services.sagemaker.training.rules.facts.facts import Facts
from sagehen.services.sagemaker.training.rules.facts.losses import Losses
from sagehen.services.sagemaker.training.rules.facts.tensors import Tensor, Tensors
from sagehen.services.sagemaker.training.rules.facts.usage import SystemUsage

_GOOD = {
    "count": 10, "nans": 0, "infinite": 0, "mean": 0.1, "mean_abs": 0.2, "variance": 0.3, "zeros": 0.1,
    "p5": -1.0, "p95": 1.0,
}  # fmt: skip
_GRADIENT, _WEIGHT, _INPUT = "gradient/fc.weight", "fc.weight", "layer1.relu_input_0"


def _tensor(name: str, step: int = 0, mode: str = "TRAIN", **numbers: float) -> Tensor:
    return Tensor(name, mode, step, _GOOD | numbers)


def _status(name: str, tensors: list[Tensor], printed: int = 0, **parameters: str) -> tuple[str, str]:
    losses = Losses(from_metrics=False)
    for value in range(printed):
        losses.line(f"loss: {1 / (1 + value)}", 1.0)
    facts = Facts(losses, SystemUsage(), profiled=True, gpu_type=False, ended=True)
    facts.tensors, facts.tensor_files = Tensors(tensors), max(1, len(tensors))
    verdict = evaluate(Rule("Debug", "mine", name, parameters), facts)
    return verdict.status, verdict.details


@pytest.mark.parametrize(
    ("rule", "tensors", "parameters", "status"),
    [
        ("VanishingGradient", [_tensor(_GRADIENT)], {}, "NoIssuesFound"),
        ("VanishingGradient", [_tensor(_GRADIENT), _tensor(_GRADIENT, 1, mean_abs=1e-9)], {}, "IssuesFound"),
        ("VanishingGradient", [_tensor(_GRADIENT)], {"threshold": "0.5"}, "IssuesFound"),
        ("VanishingGradient", [_tensor(_GRADIENT, mode="EVAL", mean_abs=0.0)], {}, "Error"),
        ("VanishingGradient", [_tensor(_WEIGHT)], {}, "Error"),  # no gradients among them
        ("VanishingGradient", [], {}, "Error"),  # files that could not be read
        ("ExplodingTensor", [_tensor(_WEIGHT)], {}, "NoIssuesFound"),
        ("ExplodingTensor", [_tensor(_WEIGHT, nans=1)], {}, "IssuesFound"),
        ("ExplodingTensor", [_tensor(_WEIGHT, infinite=1)], {}, "IssuesFound"),
        ("ExplodingTensor", [_tensor(_WEIGHT, infinite=1)], {"only_nan": "True"}, "NoIssuesFound"),
        ("ExplodingTensor", [_tensor(_WEIGHT, nans=1)], {"tensor_regex": ".*bias"}, "Error"),
        ("AllZero", [_tensor(_WEIGHT)], {}, "NoIssuesFound"),
        ("AllZero", [_tensor(_WEIGHT, zeros=1.0)], {}, "IssuesFound"),
        ("AllZero", [_tensor(_WEIGHT)], {"threshold": "10"}, "IssuesFound"),
        ("TensorVariance", [_tensor(_WEIGHT)], {"min_threshold": "0.4"}, "IssuesFound"),
        ("TensorVariance", [_tensor(_WEIGHT)], {"max_threshold": "0.4"}, "NoIssuesFound"),
        ("PoorWeightInitialization", [_tensor(_INPUT), _tensor(_GRADIENT)], {}, "NoIssuesFound"),
        ("PoorWeightInitialization", [_tensor(_INPUT), _tensor(_INPUT, variance=9.0)], {}, "IssuesFound"),
        ("PoorWeightInitialization", [_tensor(_INPUT, 20), _tensor(_INPUT, 20, variance=9.0)], {}, "Error"),
        ("PoorWeightInitialization", [_tensor(_GRADIENT, p5=0.0, p95=1e-5)], {}, "IssuesFound"),
        (
            "PoorWeightInitialization",
            [_tensor("CrossEntropyLoss_output_0", step) for step in range(9)], {}, "IssuesFound",
        ),
        ("PoorWeightInitialization", [_tensor("input_image")], {}, "Error"),
        ("DeadRelu", [_tensor(_WEIGHT)], {}, "Error"),  # not built: says where the tensors are
    ],
)  # fmt: skip
def test_rules(rule: str, tensors: list[Tensor], parameters: dict[str, str], status: str) -> None:
    assert _status(rule, tensors, **parameters)[0] == status


@pytest.mark.parametrize(("saved", "source"), [(30, "tensors"), (5, "the log")])
def test_losses_are_judged_by_what_says_more(saved: int, source: str) -> None:
    tensors: list[Any] = [
        _tensor("CrossEntropyLoss_output_0", step, mean=float(step)) for step in range(saved)
    ]
    status, details = _status("LossNotDecreasing", tensors, printed=20)
    assert source in details
    assert status == ("IssuesFound" if source == "tensors" else "NoIssuesFound")
