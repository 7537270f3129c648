"""Step policies against the numbers of AWS's guide."""

from __future__ import annotations

import pytest

from sagehen.autoscaling.policy import AdjustmentType, StepAdjustment, StepPolicy
from sagehen.autoscaling.step import step_capacity

THRESHOLD = 50.0
# Application Auto Scaling User Guide, Step adjustments: capacity 10, threshold 50 %.
OUT = StepPolicy(
    AdjustmentType.PERCENT,
    (StepAdjustment(0, 10, 0), StepAdjustment(10, 20, 10), StepAdjustment(20, None, 30)),
)
IN = StepPolicy(
    AdjustmentType.PERCENT,
    (StepAdjustment(-10, 0, 0), StepAdjustment(-20, -10, -10), StepAdjustment(None, -20, -30)),
)


@pytest.mark.parametrize(
    ("policy", "value", "current", "expected"),
    [
        (OUT, 59.99, 10, 10),
        (OUT, 60, 10, 11),
        (OUT, 69.99, 10, 11),
        (OUT, 70, 11, 14),  # 30 percent of 11 is 3.3, rounded down
        (OUT, 1e6, 11, 14),
        (IN, 40, 14, 13),  # 10 percent of 14 is 1.4
        (IN, 40.01, 14, 14),
        (IN, 30, 13, 10),  # 30 percent of 13 is 3.9
        (IN, 30.01, 13, 12),
        (OUT, 40, 10, 10),  # no step of it is for that side
    ],
)
def test_the_guides_example(policy: StepPolicy, value: float, current: int, expected: int) -> None:
    assert step_capacity(policy, value, THRESHOLD, current) == expected


def one(kind: AdjustmentType, adjustment: int, least: int = 0) -> StepPolicy:
    return StepPolicy(kind, (StepAdjustment(0, None, adjustment),), min_magnitude=least)


@pytest.mark.parametrize(
    ("policy", "current", "expected"),
    [
        (one(AdjustmentType.CHANGE, 5), 3, 8),
        (one(AdjustmentType.EXACT, 5), 3, 5),
        (one(AdjustmentType.EXACT, 0), 3, 0),
        (one(AdjustmentType.PERCENT, 10), 10, 11),
        (one(AdjustmentType.PERCENT, 127), 10, 22),  # 12.7 is 12
        (one(AdjustmentType.PERCENT, 67), 1, 2),  # .67 is 1
        (one(AdjustmentType.PERCENT, -58), 1, 0),  # -.58 is -1
        (one(AdjustmentType.PERCENT, -667), 1, 0),  # -6.67 is -6, and less than nothing is nothing
        (one(AdjustmentType.PERCENT, -29), 23, 17),  # -6.67
        (one(AdjustmentType.PERCENT, 25, least=2), 4, 6),  # 25 percent of 4 is 1, the least is 2
        (one(AdjustmentType.PERCENT, -25, least=2), 4, 2),
        (one(AdjustmentType.PERCENT, 100, least=2), 4, 8),
        (one(AdjustmentType.PERCENT, 0, least=2), 4, 4),
        (one(AdjustmentType.CHANGE, -9), 4, 0),
    ],
)
def test_types_of_adjustment_and_their_rounding(policy: StepPolicy, current: int, expected: int) -> None:
    assert step_capacity(policy, 51, 50, current) == expected


def test_a_bound_is_met_though_binary_fractions_miss_it() -> None:
    policy = StepPolicy(AdjustmentType.CHANGE, (StepAdjustment(0, 0.3, 1), StepAdjustment(0.3, None, 2)))
    assert 50.3 - 50.0 < 0.3
    assert step_capacity(policy, 50.3, 50.0, 1) == 3
