"""Scales, points and what is drawn from them."""

from __future__ import annotations

import math

import pytest

from sagehen.services.sagemaker.tuning.definition.ranges import space_of
from sagehen.services.sagemaker.tuning.definition.space import Scale
from sagehen.services.sagemaker.tuning.search.draws import combination, draw

from .parts import categories, integers, ranges


@pytest.mark.parametrize(
    ("kind", "low", "high", "middle"),
    [
        ("Linear", 0.0, 4.0, 2.0),
        ("Linear", -1.7e308, 1.7e308, 0.0),
        ("Logarithmic", 1e-4, 1e-2, 1e-3),
        ("ReverseLogarithmic", 0.0, 0.99, 0.9),
        ("Auto", 1.0, 99.0, 50.0),  # less than two orders of magnitude
        ("Auto", 1.0, 10_000.0, 100.0),
        ("Auto", 0.0, 10_000.0, 5000.0),
    ],
)
def test_the_middle_of_a_scale(kind: str, low: float, high: float, middle: float) -> None:
    entry = integers("x", repr(low), repr(high), ScalingType=kind)
    text = space_of(ranges(continuous=[entry])).texts([0.5])["x"]
    assert float(text) == pytest.approx(middle)


@pytest.mark.parametrize("kind", ["Linear", "Logarithmic", "ReverseLogarithmic"])
def test_a_scale_keeps_its_bounds_and_goes_back(kind: str) -> None:
    scale = Scale(kind, 0.01, 0.95)
    for share in [place / 97 for place in range(98)]:
        assert 0.01 <= scale.value(share) <= 0.95
        assert scale.coordinate(scale.value(share)) == pytest.approx(share, abs=1e-9)


def test_every_integer_has_its_share() -> None:
    space = space_of(ranges(integer=[integers("n", 1, 4, ScalingType="Linear")]))
    texts = [space.texts([place / 100])["n"] for place in range(100)]
    assert [texts.count(each) for each in "1234"] == [25, 25, 25, 25]
    logarithmic = space_of(ranges(integer=[integers("n", 1, 1000, ScalingType="Logarithmic")]))
    assert logarithmic.texts([0.0]) == {"n": "1"} and logarithmic.texts([1.0]) == {"n": "1000"}


def test_a_point_is_found_again_from_its_texts() -> None:
    space = space_of(
        ranges(
            integer=[integers("n", 1, 9)],
            continuous=[integers("x", "0.1", "0.9")],
            categorical=[categories("c", "a", "b")],
        )
    )
    texts = space.texts([0.3, 0.7, 0.9])
    point = space.point(texts)
    assert point is not None and point == pytest.approx((2.5 / 9, 0.7, 0.75))
    assert space.point({**texts, "n": "10"}) is None and space.point({"n": "1"}) is None
    assert space.point({**texts, "x": "nan"}) is None and space.point({**texts, "c": "d"}) is None


def test_a_discrete_space_is_drawn_without_repeating() -> None:
    space = space_of(ranges(categorical=[categories("c", *"abcdef")], integer=[integers("n", 1, 5)]))
    taken: list[dict[str, str]] = []
    for number in range(1, 31):
        taken.append(draw(space, 7, 0, number, taken))
    assert len({tuple(each.items()) for each in taken}) == space.combinations == 30
    assert len({tuple(combination(space, place).items()) for place in range(30)}) == 30


def test_draws_fill_a_continuous_range() -> None:
    space = space_of(ranges(continuous=[integers("x", 0, 1)]))
    values = [float(draw(space, 1, 0, number, ())["x"]) for number in range(400)]
    assert math.isclose(sum(values) / 400, 0.5, abs_tol=0.05)
