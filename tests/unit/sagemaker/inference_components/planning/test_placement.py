"""Where copies go, which ones go away, and how many instances it takes."""

from __future__ import annotations

import pytest

from sagehen.services.sagemaker.endpoint_configs.components import InstanceScaling
from sagehen.services.sagemaker.inference_components.component import Placement
from sagehen.services.sagemaker.inference_components.needs import Needs
from sagehen.services.sagemaker.inference_components.planning import hosts
from sagehen.services.sagemaker.inference_components.planning.placement import (
    Place,
    choose,
    more_hosts,
    surplus,
)
from sagehen.services.sagemaker.inference_components.planning.views import HostView, VariantView

WHOLE = Needs(4, 16_384, 1)
ONE_TO_FOUR = InstanceScaling(1, 4)


@pytest.mark.parametrize(
    ("needs", "room", "fits"),
    [
        (Needs(4, 16_384, 1), WHOLE, True),
        (Needs(4.25, 1024, 0), WHOLE, False),
        (Needs(0.25, 16_385, 0), WHOLE, False),
        (Needs(0.25, 1024, 2), WHOLE, False),
        (Needs(0.1, 1, 0), Needs(0.30000000000000004 - 0.2, 1), True),  # 0.1 but for the last bit
    ],
)
def test_room(needs: Needs, room: Needs, fits: bool) -> None:
    assert needs.fits(room) is fits


@pytest.mark.parametrize(
    ("placement", "placed"),
    [("SPREAD", ["a", "b", "c", "a", "b", "c"]), ("BINPACK", ["a", "a", "b", "b", "c", "c"])],
)
def test_the_worked_example(placement: Placement, placed: list[str]) -> None:
    places = [Place(name, WHOLE) for name in "abc"]
    needs, found = Needs(1, 6000), []
    for _ in placed:
        place = choose(places, "m", needs, placement)
        assert place is not None
        place.take("m", needs)
        found.append(place.host)
    assert found == placed and choose(places, "m", needs, placement) is None


def test_what_is_ready_comes_first_and_others_components_count() -> None:
    busy, empty = Place("busy", WHOLE, {"other": 3}), Place("empty", WHOLE)
    coming = Place("coming", WHOLE, ready=False)
    assert choose([coming, busy], "m", Needs(1), "SPREAD") is busy
    assert choose([busy, empty], "m", Needs(1), "SPREAD") is empty
    tight = Place("tight", Needs(1, 1024))
    assert choose([empty, tight], "m", Needs(1), "BINPACK") is tight


@pytest.mark.parametrize(
    ("placement", "count", "gone"),
    [
        ("SPREAD", 1, ["starting"]),
        ("SPREAD", 2, ["starting", "a2"]),  # the instance with the most has one less
        ("SPREAD", 3, ["starting", "a2", "b1"]),  # the youngest of equals
        ("BINPACK", 2, ["starting", "b1"]),  # the instance that is emptied soonest
    ],
)
def test_surplus(placement: Placement, count: int, gone: list[str]) -> None:
    copies = [("a1", "A", True), ("a2", "A", True), ("b1", "B", True), ("starting", "A", False)]
    assert surplus(copies, count, {"A": 3, "B": 1}, placement) == gone


def test_more_instances_are_packed_before_they_are_there() -> None:
    half, big = Needs(2, 1024), Needs(5, 1)
    waiting: list[tuple[str, Needs, Placement]] = [("m", half, "SPREAD")] * 3 + [("n", big, "SPREAD")]
    assert more_hosts(waiting, WHOLE, 9) == (2, [3])
    assert more_hosts(waiting, WHOLE, 1) == (1, [2, 3])
    assert more_hosts([], WHOLE, 9) == (0, [])


def _count(
    desired: int,
    there: int,
    waiting: int = 0,
    idle: tuple[float, ...] = (),
    scaling: InstanceScaling | None = ONE_TO_FOUR,
    now: float = 1000.0,
) -> hosts.HostCount:
    views = [HostView(f"i{n}", "v", idle_since=idle[n] if n < len(idle) else None) for n in range(there)]
    asked: list[tuple[str, Needs, Placement]] = [("m", WHOLE, "SPREAD")] * waiting
    busy = {view.host for view in views if view.idle_since is None}
    return hosts.wanted(VariantView(WHOLE, desired, scaling), views, busy, asked, now)


@pytest.mark.parametrize(
    ("seen", "count", "homeless", "wake_at"),
    [
        (_count(2, 2), 2, (), None),
        (_count(2, 2, waiting=2), 4, (), None),
        (_count(2, 2, waiting=3), 4, (2,), None),  # at its most
        (_count(4, 2, waiting=2), 4, (), None),  # they are coming already
        (_count(2, 2, idle=(900.0,)), 2, (), 1200.0),  # not for long enough
        (_count(2, 2, idle=(600.0,)), 1, (), None),
        (_count(3, 3, idle=(600.0, 650.0, 900.0)), 1, (), None),  # the least stays
        (_count(2, 2, waiting=1, idle=(600.0,)), 3, (), None),  # what is empty is too small: WHOLE is busy
        (_count(1, 1, waiting=1, scaling=None), 1, (0,), None),
        (_count(2, 1, waiting=1, scaling=None), 2, (), None),
        (_count(1, 1, idle=(600.0,), scaling=InstanceScaling(0, 4)), 0, (), None),
        (_count(0, 0, waiting=1, scaling=InstanceScaling(0, 4)), 1, (), None),
        (_count(1, 1, idle=(600.0,), scaling=None), 1, (), None),
    ],
)
def test_instances(
    seen: hosts.HostCount, count: int, homeless: tuple[int, ...], wake_at: float | None
) -> None:
    assert (seen.count, seen.homeless, seen.wake_at) == (count, homeless, wake_at)
