"""Target tracking: proportional, and rounded so that the metric does not pass the target."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.autoscaling.policy import TargetTrackingPolicy
from sagehen.autoscaling.target_tracking import tracked_capacity


@pytest.mark.parametrize(
    ("target", "value", "current", "expected"),
    [
        (70, 70, 3, 3),
        (70, 70.1, 3, 4),
        (0.7, 0.7, 3, 3),
        (0.1, 0.3, 1, 3),  # 0.3 / 0.1 is 2.9999999999999996
        (70, 140, 2, 4),
        (5, 130, 1, 26),  # 130 invocations a minute under a target of 5
        (70, 62, 10, 9),  # 8.86
        (70, 55, 2, 2),  # one alone would be at 110: it would come back at once
        (70, 0, 5, 0),
        (70, 500, 0, 0),  # nothing times anything: target tracking alone does not leave zero
    ],
)
def test_capacity_follows_the_metric(target: float, value: float, current: int, expected: int) -> None:
    assert tracked_capacity(TargetTrackingPolicy(target), value, current) == expected


@pytest.mark.parametrize("value", [1e308, float("inf")])
def test_a_metric_without_measure_is_more_than_any_bound(value: float) -> None:
    assert tracked_capacity(TargetTrackingPolicy(2.0**-360), value, 3) > 2**31


@given(
    target=st.floats(0.01, 1e6),
    value=st.floats(0.0, 1e6),
    current=st.integers(1, 1000),
)
def test_no_scale_in_makes_the_metric_pass_the_target(target: float, value: float, current: int) -> None:
    """The metric after the change, if load stays, is no more than the target: there is no flapping."""
    found = tracked_capacity(TargetTrackingPolicy(target), value, current)
    if 0 < found < current:
        assert value * current / found <= target * (1 + 1e-6)
