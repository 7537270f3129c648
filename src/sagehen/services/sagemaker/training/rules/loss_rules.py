"""Rules on losses: LossNotDecreasing, Overfit, Overtraining.

Definitions and defaults: documented, SageMaker Developer Guide, List of Debugger Built-in Rules. A step is a
value here: what the log or a metric definition says once.
"""

from __future__ import annotations

import math

from sagehen.services.sagemaker.training.rules.facts.facts import Facts
from sagehen.services.sagemaker.training.rules.facts.losses import Series
from sagehen.services.sagemaker.training.rules.parameters import Parameters
from sagehen.services.sagemaker.training.rules.verdict import Verdict, going_on, issue, no_data, no_issue

_PRINT = (
    "print losses, as in `train_loss=0.5 val_loss=0.7`, or give metric definitions whose names contain "
    "`loss`."
)


def loss_not_decreasing(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether the loss fell by at least `diff_percent` from one value to that `num_steps` later.

    Worked example: with num_steps 10 and 25 values, the 11th is compared with the 1st and the 21st with the
    11th. Validation losses are looked at where there are any (the mode EVAL comes first), else those of
    training.
    """
    apart = max(1, given.count("num_steps", 10))
    fall = given.number("diff_percent", 0.0)
    losses = facts.judged_losses()
    which, series = (
        ("validation", losses.validation) if len(losses.validation) else ("training", losses.training)
    )
    checked = 0
    last: tuple[int, float] | None = None
    for index, value in enumerate(series.values):
        step = series.step(index)
        if last is None:
            last = step, value
        elif step - last[0] >= apart:
            checked += 1
            before = last[1]
            last = step, value
            # What is no number has not decreased.
            if not value < before - abs(before) * fall / 100:
                return issue(
                    "LossNotDecreasing",
                    step,
                    f"{apart} values before, the {which} loss of {losses.source} was {before:.6g}; it is "
                    f"{value:.6g}.",
                    datapoints=len(series),
                    violations=1,
                )
    if not facts.ended:
        return going_on(datapoints=len(series))
    if not len(series):
        return no_data(f"Neither does {losses.source} say any loss: {_PRINT}")
    return no_issue(
        f"Evaluated from {len(series)} {which} losses of {losses.source}, {checked} of them compared with "
        f"the one {apart} values before.",
        datapoints=len(series),
    )


def overfit(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether the validation loss is above the training loss by more than `ratio_threshold` of it.

    Each validation loss is compared with the mean of the training losses since the one before; more than
    `patience` such steps in a row are overfitting.
    """
    start, patience = given.count("start_step", 0), given.count("patience", 1)
    threshold = given.number("ratio_threshold", 0.1)
    losses, in_a_row = facts.judged_losses(), 0
    for step, training, validation in losses.pairs:
        ratio = (validation - training) / training if training else math.inf
        in_a_row = in_a_row + 1 if step >= start and not ratio <= threshold else 0
        if in_a_row > patience:
            return issue(
                "Overfit",
                step,
                f"The validation loss of {losses.source}, {validation:.6g}, is {100 * ratio:.3g} % "
                f"above the mean training loss before it, {training:.6g}; so it was {in_a_row} times "
                "in a row.",
                datapoints=len(losses.pairs),
                violations=in_a_row,
            )
    return _both(facts, "compared with the training losses before them")


def overtraining(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether neither loss has become better by `delta` for as many values as its patience.

    The documentation gives both patiences and not how they go together; here both must be at their end.
    """
    delta, losses = given.number("delta", 0.1), facts.judged_losses()
    training = _stale(losses.training, delta)
    validation = _stale(losses.validation, delta)
    patience = given.count("patience_train", 5), given.count("patience_validation", 10)
    if training > patience[0] and validation > patience[1]:
        return issue(
            "Overtraining",
            len(losses.training),
            f"By {losses.source}, the training loss has not become better by {delta:g} for "
            f"{training} values, nor the validation loss for {validation}.",
            datapoints=len(losses.training),
            violations=1,
        )
    return _both(facts, "looked at together with the training losses")


def _both(facts: Facts, how: str) -> Verdict:
    losses = facts.judged_losses()
    pairs = len(losses.pairs)
    if not facts.ended:
        return going_on(datapoints=pairs)
    if not pairs:
        lacking = "a validation loss after training losses" if len(losses.training) else "any training loss"
        return no_data(f"Neither does {losses.source} say {lacking}: {_PRINT}")
    return no_issue(f"Evaluated from {pairs} validation losses of {losses.source}, {how}.", datapoints=pairs)


def _stale(series: Series, delta: float) -> int:
    """Return how many values came since the last that was better by `delta` than all before."""
    best, since = math.inf, 0
    for index, value in enumerate(series.values):
        if value < best - delta:
            best, since = value, series.step(index)
    return len(series) - 1 - since if len(series) else 0
