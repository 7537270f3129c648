"""Who goes when too many handshakes are under way."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.domain.arrivals import Arrivals


def test_a_peer_with_too_many_loses_its_oldest() -> None:
    arrivals: Arrivals[str] = Arrivals(10, 2)
    assert [arrivals.add(name, "192.0.2.1") for name in ("a", "b")] == [None, None]
    assert arrivals.add("c", "192.0.2.1") == "a"
    assert arrivals.add("d", "192.0.2.2") is None
    assert arrivals.all() == ["b", "c", "d"]


def test_at_a_full_door_whoever_has_most_makes_room() -> None:
    arrivals: Arrivals[str] = Arrivals(4, 3)
    arrivals.add("lonely", "192.0.2.9")
    for name in ("x", "y", "z"):
        arrivals.add(name, "192.0.2.1")
    assert arrivals.add("new", "192.0.2.5") == "x"
    assert "lonely" in arrivals.all()


def test_one_network_of_ipv6_is_one_peer() -> None:
    arrivals: Arrivals[str] = Arrivals(10, 1)
    arrivals.add("a", "2001:db8:0:1::1")
    assert arrivals.add("b", "2001:db8:0:1:ffff::9") == "a"
    assert arrivals.add("c", "2001:db8:0:2::1") is None


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abcd"), st.booleans())))
def test_never_more_than_that(steps: list[tuple[int, str, bool]]) -> None:
    arrivals: Arrivals[int] = Arrivals(5, 3)
    there: dict[int, str] = {}
    for number, peer, comes in steps:
        if comes and number not in there:
            leaving = arrivals.add(number, peer)
            if leaving is not None:
                del there[leaving]
            there[number] = peer
        elif not comes:
            arrivals.remove(number)
            there.pop(number, None)
        assert arrivals.all() == list(there)
        assert len(there) <= 5
        assert all(list(there.values()).count(each) <= 3 for each in "abcd")
