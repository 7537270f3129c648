"""What is left after a long round of the collector is not looked at again."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from sagehen.app.collector import Collector


class Node:
    pass


@pytest.fixture
def unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.collect()
    gc.freeze()  # as the conftest of all had it


@pytest.mark.usefixtures("unfrozen")
@pytest.mark.parametrize(("long_round_s", "is_set_aside"), [(0.0, True), (3600.0, False)])
def test_what_a_long_round_left(long_round_s: float, is_set_aside: bool) -> None:
    collector = Collector(long_round_s)
    collector.start()
    try:
        before = gc.get_freeze_count()
        kept = [Node() for _ in range(1000)]
        gc.collect(1)
        assert gc.get_freeze_count() <= before
        gc.collect()
        assert (gc.get_freeze_count() >= before + 1000) == is_set_aside
        gone = weakref.ref(kept.pop())
        assert gone() is None
    finally:
        collector.stop()


@pytest.mark.usefixtures("unfrozen")
def test_cycles_are_collected_as_ever() -> None:
    collector = Collector(0.0)
    collector.start()
    try:
        node = Node()
        node.itself = node  # type: ignore[attr-defined]
        gone = weakref.ref(node)
        del node
        gc.collect()
        assert gone() is None
    finally:
        collector.stop()


@pytest.mark.usefixtures("unfrozen")
def test_what_was_put_off_for_the_start_goes_on() -> None:
    collector = Collector()
    gc.disable()
    try:
        collector.start()
        assert gc.isenabled()
    finally:
        gc.enable()
        collector.stop()
