"""Every built-in rule over facts that the test makes up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sagehen.services.sagemaker.training.profiler.events import Event
from sagehen.services.sagemaker.training.rules.configuration import Rule
from sagehen.services.sagemaker.training.rules.evaluate import evaluate
from sagehen.services.sagemaker.training.rules.facts.facts import Facts
from sagehen.services.sagemaker.training.rules.facts.losses import Losses
from sagehen.services.sagemaker.training.rules.facts.usage import SystemUsage
from sagehen.services.sagemaker.training.rules.verdict import Verdict


def _facts(training: Sequence[float] = (), validation: Sequence[float] = (), **more: Any) -> Facts:
    """Losses in epochs: a training loss, then a validation loss, as long as there are any."""
    losses = Losses(from_metrics=True)
    for index in range(max(len(training), len(validation))):
        if index < len(training):
            losses.measured({"train:loss": training[index]}, 10.0)
        if index < len(validation):
            losses.measured({"val:loss": validation[index]}, 11.0)
    values = {"profiled": True, "gpu_type": False, "ended": True, "began_s": 0.0, "now_s": 100.0} | more
    return Facts(losses, SystemUsage(), **values)


def _used(facts: Facts, samples: int, *, cpu: float = 50.0, gpu: float | None = None, **more: float) -> Facts:
    """Add samples of one instance."""
    for number in range(samples):
        at = float(number)
        events = [Event("cpu", "cpu0", "CPUUtilization", cpu, "algo-1", at)]
        if "io" in more:
            events.append(Event("cpu", "cpu0", "I/OWaitPercentage", more["io"], "algo-1", at))
        if gpu is not None:
            events.append(Event("gpu", "gpu0", "GPUUtilization", gpu, "algo-1", at))
            memory = more.get("memory", 20.0) + (number * more.get("growth", 0.0))
            events.append(Event("gpu", "gpu0", "GPUMemoryUtilization", memory, "algo-1", at))
        facts.usage.add(events)
    return facts


def _of(name: str, facts: Facts, **parameters: str) -> Verdict:
    kind = "Profiler" if name[0].isupper() else "Debug"
    return evaluate(Rule(kind, f"my-{name}", name, {"rule_to_invoke": name, **parameters}), facts)


_FALLING = [1 / (n + 1) for n in range(25)]
_RISING = [1 + n / 10 for n in range(25)]


@pytest.mark.parametrize(
    ("rule", "parameters", "training", "validation", "status"),
    [
        ("LossNotDecreasing", {}, _FALLING, [], "NoIssuesFound"),
        ("LossNotDecreasing", {}, _RISING, [], "IssuesFound"),
        ("LossNotDecreasing", {}, [1.0] * 11, [], "IssuesFound"),
        ("LossNotDecreasing", {}, [1.0] * 10, [], "NoIssuesFound"),  # none is 10 after another
        ("LossNotDecreasing", {"num_steps": "2"}, [1.0] * 3, [], "IssuesFound"),
        ("LossNotDecreasing", {"diff_percent": "95"}, _FALLING, [], "IssuesFound"),
        ("LossNotDecreasing", {}, _RISING, _FALLING, "NoIssuesFound"),  # validation comes first
        ("LossNotDecreasing", {}, [float("nan")] * 11, [], "IssuesFound"),
        ("LossNotDecreasing", {}, [], [], "Error"),
        ("Overfit", {}, _FALLING, _FALLING, "NoIssuesFound"),
        ("Overfit", {}, _FALLING, _RISING, "IssuesFound"),
        ("Overfit", {"patience": "30"}, _FALLING, _RISING, "NoIssuesFound"),
        ("Overfit", {"ratio_threshold": "1e6"}, _FALLING, _RISING, "NoIssuesFound"),
        ("Overfit", {"start_step": "100"}, _FALLING, _RISING, "NoIssuesFound"),
        ("Overfit", {}, _FALLING, [], "Error"),
        ("Overfit", {}, [0.0, 0.0], [1.0, 1.0], "IssuesFound"),
        ("Overtraining", {}, [1.0] * 25, [1.0] * 25, "IssuesFound"),
        ("Overtraining", {}, [1.0] * 25, [1.0] * 5, "NoIssuesFound"),
        ("Overtraining", {}, [], [], "Error"),
        ("Overfit", {"patience": "many"}, _FALLING, _RISING, "Error"),
        ("Overfit", {"patience": "-1"}, _FALLING, _RISING, "Error"),
        ("Overfit", {"ratio_threshold": "nan"}, _FALLING, _RISING, "Error"),
        ("VanishingGradient", {}, _FALLING, [], "Error"),
        ("StepOutlier", {}, _FALLING, [], "Error"),
        ("NoSuchRule", {}, _FALLING, [], "Error"),
        ("", {}, _FALLING, [], "Error"),
    ],
)
def test_rules_on_losses(
    rule: str, parameters: dict[str, str], training: list[float], validation: list[float], status: str
) -> None:
    facts = _facts(training, validation)
    verdict = evaluate(Rule("Debug", "mine", rule, {"rule_to_invoke": rule, **parameters}), facts)
    assert verdict.status == status
    assert 0 < len(verdict.details) <= 1024
    facts.ended = False
    going_on = evaluate(Rule("Debug", "mine", rule, {"rule_to_invoke": rule, **parameters}), facts)
    assert (
        going_on.status in ("InProgress", "IssuesFound") or parameters
    )  # only an issue is known before the end


def test_details_of_an_issue_begin_as_aws_writes_them() -> None:
    verdict = _of("Overfit", _facts(_FALLING, _RISING))
    first, why = verdict.details.split("\n")
    assert first == (
        "RuleEvaluationConditionMet: "
        "Evaluation of the rule Overfit at step 3 resulted in the condition being met"
    )
    assert "metric definitions" in why


@pytest.mark.parametrize(
    ("rule", "samples", "use", "parameters", "status"),
    [
        ("LowGPUUtilization", 20, {"gpu": 5.0}, {"patience": "10"}, "IssuesFound"),
        ("LowGPUUtilization", 20, {"gpu": 95.0}, {"patience": "10"}, "NoIssuesFound"),
        ("LowGPUUtilization", 20, {"gpu": 5.0}, {}, "NoIssuesFound"),  # 1000 samples of patience
        ("LowGPUUtilization", 20, {}, {}, "NoIssuesFound"),  # no GPU in the type
        ("CPUBottleneck", 20, {"gpu": 5.0, "cpu": 95.0}, {"patience": "10"}, "IssuesFound"),
        ("CPUBottleneck", 20, {"gpu": 50.0, "cpu": 95.0}, {"patience": "10"}, "NoIssuesFound"),
        ("CPUBottleneck", 20, {"gpu": 5.0, "cpu": 85.0}, {"patience": "10"}, "NoIssuesFound"),
        ("IOBottleneck", 20, {"gpu": 5.0, "io": 60.0}, {"patience": "10"}, "IssuesFound"),
        ("IOBottleneck", 20, {"gpu": 5.0, "io": 40.0}, {"patience": "10"}, "NoIssuesFound"),
        ("IOBottleneck", 20, {"gpu": 5.0}, {"patience": "10"}, "Error"),  # the kernel does not say
        ("GPUMemoryIncrease", 40, {"gpu": 5.0, "growth": 1.0}, {"patience": "10"}, "IssuesFound"),
        ("GPUMemoryIncrease", 40, {"gpu": 5.0}, {"patience": "10"}, "NoIssuesFound"),
        ("BatchSize", 20, {"gpu": 5.0}, {"patience": "10"}, "IssuesFound"),
        ("BatchSize", 20, {"gpu": 5.0, "memory": 90.0}, {"patience": "10"}, "NoIssuesFound"),
        ("OverallSystemUsage", 20, {}, {}, "NoIssuesFound"),
        ("ProfilerReport", 20, {}, {}, "NoIssuesFound"),
        ("ProfilerReport", 20, {"gpu": 5.0}, {"LowGPUUtilization_patience": "10"}, "IssuesFound"),
        ("ProfilerReport", 0, {}, {}, "Error"),
    ],
)  # fmt: skip
def test_rules_on_what_instances_use(
    rule: str, samples: int, use: dict[str, float], parameters: dict[str, str], status: str
) -> None:
    verdict = _of(rule, _used(_facts(_FALLING), samples, **use), **parameters)
    assert verdict.status == status, verdict.details


@pytest.mark.parametrize("rule", ["LowGPUUtilization", "CPUBottleneck", "GPUMemoryIncrease"])
def test_a_gpu_type_without_its_gpu_is_never_judged(rule: str) -> None:
    assert _of(rule, _used(_facts(gpu_type=True), 20)).status == "Error"


@pytest.mark.parametrize(
    ("more", "threshold", "status"),
    [
        ({"now_s": 100.0}, "1", "IssuesFound"),
        ({"now_s": 50.0}, "1", "NoIssuesFound"),
        ({"now_s": 50.0, "ended": False}, "1", "InProgress"),
        ({"began_s": None}, "1", "Error"),
    ],
)
def test_the_time_until_the_first_loss(more: dict[str, Any], threshold: str, status: str) -> None:
    assert _of("MaxInitializationTime", _facts(**more), threshold=threshold).status == status
    with_loss = _of("MaxInitializationTime", _facts(_FALLING, **more), threshold=threshold).status
    assert with_loss == ("Error" if more.get("began_s", 0) is None else "NoIssuesFound")
