"""Rules on tensors: VanishingGradient, ExplodingTensor, AllZero, TensorVariance, PoorWeightInitialization.

Definitions and defaults: documented, SageMaker Developer Guide, List of Debugger Built-in Rules. They look
once, when training has ended. Of a tensor with more than 200,000 values, every n-th is looked at.
"""

from __future__ import annotations

import math
from collections import defaultdict

from sagehen.services.sagemaker.training.rules.facts.facts import Facts
from sagehen.services.sagemaker.training.rules.facts.tensors import Tensor
from sagehen.services.sagemaker.training.rules.parameters import Parameters
from sagehen.services.sagemaker.training.rules.verdict import Verdict, issue, no_data, no_issue


def vanishing_gradient(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether the mean of a gradient's absolute values falls below `threshold`."""
    threshold = given.number("threshold", 1e-7)
    gradients = facts.tensors.gradients()
    for tensor in gradients:
        mean = tensor.numbers.get("mean_abs", math.inf)
        if mean < threshold:
            why = f"The mean of the absolute values of {tensor.name} is {mean:.3g}."
            return issue("VanishingGradient", tensor.step, why, datapoints=len(gradients), violations=1)
    return _nothing(facts, gradients, "gradients")


def exploding_tensor(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether a tensor has values that are no numbers, or infinite ones."""
    only_nan = given.text("only_nan", "False").lower() == "true"
    tensors = _asked_for(facts, given)
    for tensor in tensors:
        nans, infinite = tensor.numbers["nans"], tensor.numbers["infinite"]
        if nans or (infinite and not only_nan):
            why = f"{tensor.name} ({tensor.mode}) has {nans:.0f} NaN and {infinite:.0f} infinite values."
            return issue("ExplodingTensor", tensor.step, why, datapoints=len(tensors), violations=1)
    return _nothing(facts, tensors, "tensors")


def all_zero(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether at least `threshold` percent of a tensor's values are zero."""
    threshold = given.number("threshold", 100)
    tensors = _asked_for(facts, given)
    for tensor in tensors:
        zeros = 100 * tensor.numbers.get("zeros", 0.0)
        if zeros >= threshold:
            why = f"{zeros:.3g} % of the values of {tensor.name} ({tensor.mode}) are zero."
            return issue("AllZero", tensor.step, why, datapoints=len(tensors), violations=1)
    return _nothing(facts, tensors, "tensors")


def tensor_variance(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether a tensor's variance is below `min_threshold` or above `max_threshold`."""
    low, high = given.number("min_threshold", 0.0), given.number("max_threshold", 1e308)
    tensors = _asked_for(facts, given)
    for tensor in tensors:
        variance = tensor.numbers.get("variance")
        if variance is not None and not low <= variance <= high:
            why = f"The variance of {tensor.name} ({tensor.mode}) is {variance:.3g}."
            return issue("TensorVariance", tensor.step, why, datapoints=len(tensors), violations=1)
    return _nothing(facts, tensors, "tensors")


def poor_weight_initialization(facts: Facts, given: Parameters) -> Verdict:
    """Tell by the first steps whether weights began badly.

    Three signs, each of them enough: variances of a step's activation inputs that are further apart than
    `threshold`; a gradient whose 5th and 95th percentiles are nearer than `distribution_range`; a training
    loss that does not fall for `patience` steps.
    """
    name, steps = "PoorWeightInitialization", given.count("steps", 10)
    apart, near = given.number("threshold", 10.0), given.number("distribution_range", 0.001)
    inputs = facts.tensors.matching(given.text("activation_inputs_regex", ".*relu_input"))
    inputs = [t for t in inputs if t.step < steps and t.mode != "EVAL"]
    gradients = [t for t in facts.tensors.gradients() if t.step < steps]
    variances: dict[int, list[float]] = defaultdict(list)
    for tensor in inputs:
        if tensor.numbers.get("variance"):
            variances[tensor.step].append(tensor.numbers["variance"])
    for step, found in variances.items():
        if max(found) / min(found) > apart:
            why = f"The variances of its activation inputs are from {min(found):.3g} to {max(found):.3g}."
            return issue(name, step, why, datapoints=len(inputs), violations=1)
    for tensor in gradients:
        if "p5" in tensor.numbers and tensor.numbers["p95"] - tensor.numbers["p5"] < near:
            why = f"Nine tenths of the values of {tensor.name} are within {near:g}."
            return issue(name, tensor.step, why, datapoints=len(gradients), violations=1)
    losses = facts.tensors.losses()
    values = list(losses.training.values[:steps]) if losses else []
    patience = given.count("patience", 5)
    best, since = math.inf, 0
    for step, value in enumerate(values):
        best, since = (value, 0) if value < best else (best, since + 1)
        if since > patience:
            return issue(
                name, step, f"The loss did not fall for {since} steps.", datapoints=len(values), violations=1
            )
    return _nothing(facts, [*inputs, *gradients], "activation inputs and gradients of the first steps")


def _asked_for(facts: Facts, given: Parameters) -> list[Tensor]:
    """Return the tensors that `tensor_regex` names; without one, all."""
    names = given.text("tensor_regex", "")
    if not names:
        return list(facts.tensors.all)
    return [tensor for name in names.split(",")[:20] for tensor in facts.tensors.matching(name.strip())]


def _nothing(facts: Facts, looked_at: list[Tensor], what: str) -> Verdict:
    if not looked_at:
        saved = len(facts.tensors.all)
        return no_data(f"No {what} are among the tensors that the script saved, of which there are {saved}.")
    steps = len({(tensor.mode, tensor.step) for tensor in looked_at})
    cut = " There are more than were read." if facts.tensors.cut else ""
    return no_issue(
        f"Evaluated from {len(looked_at)} {what}, at {steps} step{'' if steps == 1 else 's'}.{cut}",
        datapoints=len(looked_at),
    )
