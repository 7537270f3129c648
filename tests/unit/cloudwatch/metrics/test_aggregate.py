"""How finely values are told apart, and how many buckets that may take."""

from __future__ import annotations

from sagehen.services.cloudwatch.metrics.aggregate import Aggregate, merged
from sagehen.services.cloudwatch.metrics.statistic import parse_statistic


def _of(values: list[float]) -> Aggregate:
    aggregate = Aggregate()
    for value in values:
        aggregate.add(value)
    return aggregate


def test_latencies_keep_their_eight_bits() -> None:
    latencies = [1.001**power for power in range(7000)]  # over a factor of a thousand
    median = parse_statistic("p50")(_of(latencies))
    assert median is not None and abs(median / latencies[3500] - 1) < 0.005


def test_values_over_many_powers_of_two_cost_a_bounded_histogram() -> None:
    wide = [sign * 2.0 ** (power / 10) for power in range(-10_000, 3_600) for sign in (1, -1)]
    whole = _of(wide)
    assert whole.histogram is not None and len(whole.histogram) <= 4096
    together = merged([_of(wide[: len(wide) // 2]), _of(wide[len(wide) // 2 :])])
    assert together.histogram is not None and len(together.histogram) <= 4096
    for aggregate in (whole, together):
        assert aggregate.histogram is not None
        assert sum(aggregate.histogram.values()) == aggregate.count == len(wide)
        high = parse_statistic("p75")(aggregate)
        assert high is not None and 0.5 < high / sorted(wide)[len(wide) * 3 // 4] < 2
