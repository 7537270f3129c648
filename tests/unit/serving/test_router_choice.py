"""Which fleet and variant a request goes to, as a table. Chance comes in as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sagehen.serving.errors import EndpointGone, NoHealthyReplica, NoSuchVariant
from sagehen.serving.router import Router, WeightedVariant


class Chance:
    """Ids whose random numbers are those of the case: first for the fleet, then for the variant."""

    def __init__(self, *numbers: float) -> None:
        self._numbers: Iterator[float] = iter(numbers)

    def uniform(self) -> float:
        return next(self._numbers)


class Fleet:
    """A replica set of which only these matter here."""

    def __init__(self, name: str, instances: int) -> None:
        self.name = name
        self.is_manned = instances > 0

    def put_in_rotation(self, in_rotation: bool) -> None: ...


def variants(fleet: str, shape: dict[str, tuple[float, int]]) -> dict[str, WeightedVariant]:
    """Return variants of `{name: (weight, instances)}`."""
    return {
        name: WeightedVariant(Fleet(f"{fleet}.{name}", instances), weight)  # type: ignore[arg-type]
        for name, (weight, instances) in shape.items()
    }


ONE, TWO = {"a": (1.0, 1)}, {"a": (3.0, 1), "b": (1.0, 1)}


@pytest.mark.parametrize(
    ("live", "incoming", "share", "target", "moved", "chance", "chosen"),
    [
        (ONE, {}, 0.0, None, False, (0.5,), "old.a"),
        # weights 3 and 1
        (TWO, {}, 0.0, None, False, (0.5, 0.74), "old.a"),
        (TWO, {}, 0.0, None, False, (0.5, 0.75), "old.b"),
        (TWO, {}, 0.0, "b", False, (0.5,), "old.b"),
        # a share of the traffic goes to the fleet that comes in
        (ONE, ONE, 0.25, None, False, (0.24,), "new.a"),
        (ONE, ONE, 0.25, None, False, (0.25,), "old.a"),
        (ONE, ONE, 1.0, None, False, (0.99,), "new.a"),
        # a fleet without instances hands over to the other, if that has some
        (ONE, {"a": (1.0, 0)}, 0.25, None, False, (0.1,), "old.a"),
        ({"a": (1.0, 0)}, ONE, 0.25, None, False, (0.9,), "new.a"),
        ({"a": (1.0, 0)}, {"a": (1.0, 0)}, 0.25, None, False, (0.9,), "old.a"),
        # one variant that is empty is as if all were; one of weight 0 does not count
        ({"a": (1.0, 1), "b": (1.0, 0)}, ONE, 0.25, None, False, (0.9,), "new.a"),
        ({"a": (1.0, 1), "b": (0.0, 0)}, ONE, 0.25, None, False, (0.9, 0.9), "old.a"),
        # a variant that only one of the fleets has is found in either
        (ONE, {"c": (1.0, 1)}, 0.25, "c", False, (0.9,), "new.c"),
        (TWO, ONE, 0.25, "b", False, (0.1,), "old.b"),
        # who has waited in vain goes where somebody is; a new request goes by the weights
        ({"a": (9.0, 0), "b": (1.0, 1)}, {}, 0.0, None, False, (0.5, 0.5), "old.a"),
        ({"a": (9.0, 0), "b": (1.0, 1)}, {}, 0.0, None, True, (0.5, 0.5), "old.b"),
        ({"a": (9.0, 0), "b": (1.0, 0)}, {}, 0.0, None, True, (0.5, 0.5), "old.a"),
    ],
)
def test_where_a_request_goes(
    live: Any, incoming: Any, share: float, target: str | None, moved: bool, chance: Any, chosen: str
) -> None:
    router = Router(Chance(*chance))  # type: ignore[arg-type]
    router.replace(variants("old", live), variants("new", incoming), share)
    assert router._pick(target, moved).replicas.name == chosen  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("live", "incoming", "share", "target", "closed", "error"),
    [
        (ONE, {}, 0.0, "c", False, NoSuchVariant),
        (TWO, ONE, 1.0, "b", False, NoSuchVariant),  # it went with the old fleet
        ({"a": (0.0, 1), "b": (0.0, 1)}, {}, 0.0, None, False, NoHealthyReplica),
        (ONE, {}, 0.0, None, True, EndpointGone),
    ],
)
def test_where_none_can_go(
    live: Any, incoming: Any, share: float, target: str | None, closed: bool, error: type[Exception]
) -> None:
    router = Router(Chance(0.5, 0.5))  # type: ignore[arg-type]
    router.replace(variants("old", live), variants("new", incoming), share)
    if closed:
        router.close()
    with pytest.raises(error):
        router._pick(target, False)
