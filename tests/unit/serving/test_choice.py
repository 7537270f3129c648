from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sagehen.serving.choice import choose_replica, choose_variant


def test_traffic_is_shared_by_weight() -> None:
    counts = Counter(choose_variant({"a": 3.0, "b": 1.0, "off": 0.0}, n / 1000) for n in range(1000))
    assert counts == {"a": 750, "b": 250}


def test_no_weight_no_variant() -> None:
    assert choose_variant({"a": 0.0}, 0.5) is None
    assert choose_variant({}, 0.5) is None


@given(st.dictionaries(st.text(), st.floats(0, 100), min_size=1), st.floats(0, 1, exclude_max=True))
def test_a_variant_of_weight_zero_is_never_chosen(weights: dict[str, float], u: float) -> None:
    chosen = choose_variant(weights, u)
    assert (chosen is None) == (sum(weights.values()) <= 0)
    assert chosen is None or weights[chosen] > 0


def test_least_outstanding_requests_and_ties() -> None:
    candidates = [("a", 2), ("b", 1), ("c", 1)]
    chosen = {choose_replica(candidates, "LEAST_OUTSTANDING_REQUESTS", u / 10) for u in range(10)}
    assert chosen == {"b", "c"}
    assert {choose_replica(candidates, "RANDOM", u / 10) for u in range(10)} == {"a", "b", "c"}
    assert choose_replica([], "RANDOM", 0.1) is None
