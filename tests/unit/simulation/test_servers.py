"""Instances and environments in a rehearsal, against queueing theory and cases that were reckoned by hand."""

from __future__ import annotations

from dataclasses import fields
from itertools import accumulate
from math import factorial
from random import Random

import pytest

from sagehen.concurrency.counting import refusal
from sagehen.concurrency.limits import Limits
from sagehen.services.cloudwatch.alarms import loop
from sagehen.services.lambda_.premises import Premises as Lambda
from sagehen.serving.choice import choose_replica
from sagehen.serving.replica_set import ServingLimits
from sagehen.simulation.runs.scaled import SETTLING_S
from sagehen.simulation.servers.durations import Durations
from sagehen.simulation.servers.environments import Environments
from sagehen.simulation.servers.fleet import Fleet, FleetLimits
from sagehen.simulation.servers.premises import NAME, Premises
from sagehen.simulation.servers.spread import Spread


def fleet(count: int, service: float | list[float], **limits: object) -> Fleet:
    """Return so many instances that take `service` seconds for everything, one request at a time."""
    services = service if isinstance(service, list) else [service]
    made = Fleet(FleetLimits(**limits), services, Random(1))  # type: ignore[arg-type]
    made._next = 0
    for _ in range(count):
        made.add(0.0)
    return made


def arrivals(rate: float, count: int, seed: int = 7) -> list[float]:
    random = Random(seed)
    return list(accumulate(random.expovariate(rate) for _ in range(count)))


def test_a_line_before_one_worker() -> None:
    one = fleet(1, 1.0)
    one.serve([0.0, 0.5, 3.0])
    tally = one.take_tally()
    assert (tally.arrived, tally.answered, tally.errors) == (3, 3, 0)
    assert tally.waits.mean == pytest.approx(0.5 / 3)  # the second waits half a second
    assert tally.latencies.mean == pytest.approx(3.5 / 3)


def test_invocations_per_instance_are_counted_when_they_end() -> None:
    two = fleet(2, 1.0)
    two.serve([0.0, 0.0, 5.0])
    assert two.per_instance == 1.0  # two of them, half each; the third is still there
    two.pass_to(6.0)
    assert two.per_instance == 1.5


def test_who_finds_queue_and_slots_full_is_refused_and_who_waits_too_long_gives_up() -> None:
    one = fleet(1, 1.0, slots=2, queue=1, timeout_s=2.5)
    one.serve([0.0, 0.0, 0.0, 0.0])
    one.pass_to(10.0)
    tally = one.take_tally()
    # Two take the slots; one waits in the queue, whose work would end at second 3; the last is refused.
    assert (tally.answered, tally.timed_out, tally.overloaded) == (2, 1, 1)


def test_who_gives_up_in_the_line_costs_the_worker_nothing() -> None:
    one = fleet(1, [2.0, 2.0, 0.5], timeout_s=1.9)
    one.serve([0.0, 0.1])  # the first is cut off while it is worked on, the second before
    one.serve([2.5])
    tally = one.take_tally()
    assert (tally.answered, tally.timed_out) == (1, 2)
    assert tally.waits.mean == 0.0


def test_a_new_instance_takes_those_that_wait() -> None:
    one = fleet(1, 1.0, slots=1, queue=10, strategy="LEAST_OUTSTANDING_REQUESTS")
    one.serve([0.0, 0.0, 0.0])
    one.add(0.25)
    one.pass_to(9.0)
    # 0.25 s on the new one, then 1 s on the old one.
    assert one.take_tally().waits.mean == pytest.approx((0.25 + 1.0) / 3)


def test_an_instance_that_leaves_ends_what_it_has() -> None:
    two = fleet(2, 1.0)
    two.serve([0.0] * 8)
    gone = two.remove(0.0)
    assert two.size == 1 and 1.0 <= gone <= 8.0
    two.pass_to(9.0)
    assert two.take_tally().answered == 8


def test_without_an_instance_everything_is_refused() -> None:
    none = fleet(0, 1.0)
    none.serve([0.0, 1.0])
    assert none.take_tally().overloaded == 2


@pytest.mark.parametrize("strategy", ["RANDOM", "LEAST_OUTSTANDING_REQUESTS"])
def test_requests_go_where_the_router_sends_them(strategy: str) -> None:
    three = fleet(3, 1.0, strategy=strategy)
    three.serve([n / 100 for n in range(30)])
    counts = sorted(instance.outstanding for instance in three._instances)
    assert sum(counts) == 30
    assert counts == [10, 10, 10] if strategy != "RANDOM" else counts != [10, 10, 10]


@pytest.mark.parametrize("is_short", [True, False], ids=["short way", "long way"])
def test_random_routing_is_the_platforms(is_short: bool) -> None:
    """Fleet has what `choose_replica` does without its list of pairs; the same draws choose the same."""
    three = fleet(3, 1000.0, timeout_s=1e9, slots=100 if is_short else 10)
    draws = Random(1)
    draws.randrange(1)  # where in the durations the fleet began
    pairs = list(zip(range(3), [0] * 3, strict=True))
    expected = [choose_replica(pairs, "RANDOM", draws.random()) for _ in range(30)]
    if is_short:
        assert three._flow([0.0] * 30, 1.0)
    else:
        three._line_up([0.0] * 30, 1.0)
    assert [one.outstanding for one in three._instances] == [expected.count(n) for n in range(3)]


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_several_workers_wait_as_erlang_says(load: float) -> None:
    workers, mean = 4, 0.1
    rate = load * workers / mean
    services = Durations.exponential(mean).shuffled(Random(3))
    one = fleet(1, services, concurrency=workers)
    one.serve(arrivals(rate, 50_000))
    offered = rate * mean
    full = offered**workers / factorial(workers) / (1 - load)
    waits = full / (sum(offered**n / factorial(n) for n in range(workers)) + full)
    tally = one.take_tally()
    assert tally.waits.share_above(0.0) == pytest.approx(waits, rel=0.06)
    assert tally.waits.mean == pytest.approx(waits * mean / workers / (1 - load), rel=0.1)


def test_random_routing_makes_lines_of_their_own() -> None:
    mean, load, count = 0.1, 0.7, 5
    services = Durations.exponential(mean).shuffled(Random(3))
    several = fleet(count, services)
    several.serve(arrivals(load * count / mean, 50_000))
    # M/M/1, each: load / (1 - load) times the service time.
    assert several.take_tally().waits.mean == pytest.approx(mean * load / (1 - load), rel=0.1)


def test_the_short_way_and_the_long_way_agree() -> None:
    services = Durations.lognormal(mean=0.08, p99=0.3).shuffled(Random(5))
    results = []
    for short in (True, False):
        some = fleet(3, services, concurrency=2)
        if not short:
            some._flow = lambda arrivals, weight: False  # type: ignore[method-assign]
        for begin in range(0, 5000, 500):
            some.serve(arrivals(60.0, 5000)[begin : begin + 500])
        tally = some.take_tally()
        results.append((tally.answered, tally.waits.total, some.per_instance, some.outstanding))
    assert results[0] == pytest.approx(results[1])
    assert results[0][1] > 0


def environments(
    reserved: int | None = None, service: float = 1.0, init: float = 0.5, **premises: object
) -> Environments:
    return Environments(
        Premises(**premises),  # type: ignore[arg-type]
        reserved,
        [service],
        [init],
        Random(1),
    )


def test_a_cold_start_then_a_warm_one() -> None:
    some = environments()
    some.serve([0.0, 2.0])
    tally = some.take_tally()
    assert (tally.cold, tally.answered, tally.throttled) == (1, 2, 0)
    assert tally.waits.total == pytest.approx(0.5)
    assert tally.work_s == pytest.approx(2.5)  # INIT is billed


def test_who_waits_for_a_new_environment_takes_one_that_comes_free_before() -> None:
    some = environments(init=5.0)
    some.serve([0.0, 5.5])  # ready at 5, free again at 6; the second would have waited until 10.5
    some.pass_to(20.0)
    tally = some.take_tally()
    assert tally.waits.total == pytest.approx(5.0 + 0.5)
    assert some.warm == 2  # the spare one is kept


def test_environments_start_a_few_at_a_time_where_a_machine_is_small() -> None:
    some = environments(service=100.0, init=1.0, starts_at_once=2)
    some.serve([0.0] * 4)
    some.pass_to(10.0)
    assert some.take_tally().waits.total == pytest.approx(1 + 1 + 2 + 2)


def test_idle_environments_end() -> None:
    some = environments(idle_s=60.0)
    some.serve([0.0])
    some.pass_to(2.0)
    some.expire(61.0)
    assert some.warm == 1
    some.expire(62.0)
    assert some.warm == 0


def test_a_burst_beyond_the_scaling_rate_is_throttled() -> None:
    some = environments(service=100.0, limits=Limits(concurrency=5000))
    some.serve([0.0] * 1500)
    assert some.take_tally().throttled == 500
    some.serve([2.0] * 500)  # 100 a second come back
    assert some.take_tally().throttled == 300


@pytest.mark.parametrize("reserved", [30, None])
@pytest.mark.parametrize("provisioned", [0, 10])
@pytest.mark.parametrize(("others", "others_reserved"), [(0, 0), (35, 0), (25, 100)])
def test_the_ceiling_is_where_the_platform_refuses(
    reserved: int | None, provisioned: int, others: int, others_reserved: int
) -> None:
    """Environments counts its ceiling once for many invocations; `refusal` is asked here for each."""
    limits = Limits(concurrency=200)
    some = environments(
        reserved, service=100.0, limits=limits, others=others, others_reserved=others_reserved
    )
    some.provision(provisioned, 0.0)
    busy = 0
    while refusal(some.shares, limits, NAME, busy, busy + others) is None:
        busy += 1
    some.serve([0.0] * 250)
    tally = some.take_tally()
    assert (tally.provisioned, tally.throttled) == (provisioned, 250 - provisioned - busy)
    assert 0 < busy < 200 or reserved is None


def test_others_take_from_what_nobody_reserved() -> None:
    some = environments(service=100.0, limits=Limits(concurrency=200), others=150, others_reserved=20)
    some.serve([0.0] * 40)
    assert some.take_tally().throttled == 10


def test_losses_are_erlangs() -> None:
    services = Durations.exponential(0.1).shuffled(Random(2))
    some = Environments(Premises(limits=Limits(concurrency=10_000)), 8, services, [0.0], Random(1))
    some.serve(arrivals(60.0, 40_000))
    offered, lost = 6.0, 1.0
    for n in range(1, 9):
        lost = offered * lost / (n + offered * lost)
    tally = some.take_tally()
    assert tally.throttled / tally.arrived == pytest.approx(lost, rel=0.06)


def test_fewer_provisioned_ones_leave_when_they_are_done() -> None:
    some = environments(service=1.0)
    some.provision(4, 0.0)
    some.serve([0.0] * 4)
    some.provision(1, 0.5)
    some.serve([0.6])
    tally = some.take_tally()
    assert (tally.provisioned, tally.spilled) == (4, 1)
    some.serve([2.0, 2.0])
    assert some.take_tally().provisioned == 1


def test_durations_are_what_was_asked_for() -> None:
    for made in (Durations.lognormal(p50=0.05, p99=0.2), Durations.lognormal(mean=0.08, p99=0.2)):
        values = made.values()
        assert values[int(len(values) * 0.99)] == pytest.approx(0.2, rel=0.01)
    assert Durations.lognormal(mean=0.08, p99=0.2).mean == pytest.approx(0.08, rel=0.01)
    assert Durations.exponential(2.0).mean == pytest.approx(2.0, rel=0.01)
    assert Durations.measured([0.1]).mean == pytest.approx(0.1)
    with pytest.raises(ValueError, match="times the mean"):
        Durations.lognormal(mean=0.001, p99=10.0)


def test_a_spread_is_exact_to_one_percent() -> None:
    spread = Spread()
    spread.add([n / 1000 for n in range(1, 1001)], 2.0)
    assert spread.percentile(50) == pytest.approx(0.5, rel=0.011)
    assert spread.percentile(99) == pytest.approx(0.99, rel=0.011)
    assert spread.mean == pytest.approx(0.5005)
    spread.add_none(6000.0)
    assert spread.percentile(50) == 0.0
    assert Spread().percentile(99) == 0.0


def test_what_is_left_out_is_as_on_the_platform() -> None:
    ours, platforms = FleetLimits(), ServingLimits()
    assert (ours.slots, ours.queue, ours.timeout_s) == (
        platforms.requests_per_replica,
        platforms.queue,
        platforms.timeout_s,
    )
    idle = next(one.default for one in fields(Lambda) if one.name == "idle_s")
    assert Premises().idle_s == idle
    assert SETTLING_S == loop.SETTLING_S
