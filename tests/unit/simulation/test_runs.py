"""Runs: the same decisions at the same minutes as on the platform, and samples that stand for all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sagehen.alarms.condition import Condition
from sagehen.autoscaling.policy import AdjustmentType, StepAdjustment, StepPolicy, TargetTrackingPolicy
from sagehen.simulation.bill.bill import bill
from sagehen.simulation.bill.prices import listed
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.pace import Pace, pace_of
from sagehen.simulation.runs.rehearse import Rehearsal, Site
from sagehen.simulation.runs.sites import Candidate, EndpointSite, FunctionSite
from sagehen.simulation.scaling.watched import stepping, tracking
from sagehen.simulation.servers.durations import Durations
from sagehen.simulation.servers.fleet import FleetLimits
from sagehen.traffic.expression import parse_rate

ALL = Pace(None)
ENDPOINT = EndpointSite("ml.m5.large", Durations.constant(0.05), startup_s=120.0, shutdown_s=30.0)


def tracked(target: float, **more: float | bool) -> Candidate:
    policy = TargetTrackingPolicy(target, **more)  # type: ignore[arg-type]
    return Candidate("c", 1, 10, 1, (tracking("p", policy, "InvocationsPerInstance"),))


def changes(outcome: Outcome) -> list[tuple[float, int, int]]:
    return [(one.at_s, one.before, one.after) for one in outcome.activities if one.before != one.after]


def run(traffic: str, candidate: Candidate, site: Site = ENDPOINT, pace: Pace = ALL) -> Outcome:
    return Rehearsal(site, parse_rate(traffic), 1).run(candidate, pace)


def test_out_after_three_minutes_in_after_fifteen() -> None:
    """Load of 600 a minute from minute 10 to 20 against a target of 250."""
    outcome = run("2 for 10m, 10 for 10m, 2 for 40m", tracked(250.0))
    out, back = changes(outcome)
    # The alarm sees minutes 10, 11 and 12 and acts a second after their end: ceil(600 / 250) = 3.
    assert out == (781.0, 1, 3)
    # The low alarm (below 225) reads the greatest of fifteen minutes; the last busy one, minute 19, had 200
    # for each of three: nothing changes before minute 34 is over.
    assert back == (2101.0, 3, 1)
    assert outcome.activities[0].ended_s == 901.0
    assert [point.serving for point in outcome.points[13:16]] == [1, 1, 3]


@pytest.mark.parametrize("delay_s", [30.0, 60.0, 150.0])
def test_what_cloudwatch_learns_late_is_acted_on_late(delay_s: float) -> None:
    site = replace(ENDPOINT, metric_delay_s=delay_s)
    out = changes(run("2 for 10m, 10 for 20m", tracked(250.0), site))[0]
    assert out == (781.0 + delay_s, 1, 3)


def test_a_scale_in_cooldown_holds_up_the_next_scale_in() -> None:
    traffic = "10 for 10m, 6 for 18m, 0.1 for 60m"
    gaps = []
    for cooldown_s in (0.0, 2400.0):
        outcome = run(traffic, tracked(250.0, scale_in_cooldown_s=cooldown_s))
        first, second = (one for one in changes(outcome) if one[2] < one[1])
        assert (first[1:], second[1:]) == ((3, 2), (2, 1))
        gaps.append(second[0] - first[0])
    assert gaps[0] < 2400.0 < gaps[1]
    assert gaps[1] == pytest.approx(2400.0 + 30.0, abs=60.0)  # it begins when the first is fulfilled


def test_an_endpoint_that_changes_is_not_scaled() -> None:
    site = EndpointSite("ml.m5.large", Durations.constant(0.01), startup_s=600.0)
    outcome = run("10 for 10m, 60 for 20m", tracked(250.0), site)
    assert "TargetServicePutResourceAsUnscalable" in {one.reason for one in outcome.activities}


def test_steps_of_an_alarm() -> None:
    steps = (StepAdjustment(0.0, 300.0, 1), StepAdjustment(300.0, None, 3))
    policy = StepPolicy(AdjustmentType.CHANGE, steps, 60.0)
    condition = Condition("GreaterThanThreshold", 200.0, 2, None, "missing", 60)
    watched = stepping("s", policy, "InvocationsPerInstance", condition)
    outcome = run("10 for 30m", Candidate("c", 1, 10, 1, (watched,)))
    # 600 - 200 is in the second step.
    assert changes(outcome)[0] == (121.0, 1, 4)
    assert len(changes(outcome)) == 1  # 150 each from then on


def test_without_scale_in_instances_stay() -> None:
    outcome = run("10 for 10m, 1 for 40m", tracked(250.0, disable_scale_in=True))
    assert all(after > before for _, before, after in changes(outcome))


def test_no_traffic_is_zero_and_scales_in() -> None:
    candidate = Candidate("c", 1, 10, 4, tracked(250.0).policies)
    outcome = run("0 for 30m", candidate)
    assert changes(outcome) == [(901.0, 4, 1)]
    assert outcome.tally.arrived == 0


def test_capacity_is_paid_from_the_decision_on() -> None:
    outcome = run("1 for 60m", Candidate("c", 2, 2, 2))
    assert outcome.capacity_s == 7200.0
    assert bill(outcome, ENDPOINT, listed()) == {"instances": pytest.approx(0.23)}


def test_provisioned_concurrency_follows_its_utilization() -> None:
    site = FunctionSite(1024, Durations.constant(0.5), Durations.constant(1.0), provision_s=60.0)
    policy = TargetTrackingPolicy(0.7, 0.0, 0.0)
    candidate = Candidate("c", 5, 50, 5, (tracking("p", policy, "Utilization"),))
    outcome = run("40 for 30m", candidate, site)
    found = changes(outcome)
    assert found[0][1] == 5
    last = found[-1][2]
    assert 27 <= last <= 42  # 20 busy on average, 70 % of 29
    assert outcome.tally.spilled < 0.4 * outcome.tally.arrived
    # The same requests: what reserves less than it would provision is refused, in Lambda's words.
    refused = run("40 for 30m", Candidate("c", 5, 50, 5, candidate.policies, reserved=10), site)
    assert any("should not be greater than" in one.reason for one in refused.activities)


def test_a_functions_bill() -> None:
    site = FunctionSite(2048, Durations.constant(1.0), Durations.constant(0.0))
    outcome = run("10 for 10m", Candidate("c", 0, 0, 0), site)
    count = outcome.tally.arrived
    found = bill(outcome, site, listed())
    assert found["duration"] == pytest.approx(count * 2 * 0.0000166667)
    assert found["requests"] == pytest.approx(count * 2e-7)
    assert found["provisioned"] == 0.0
    provisioned = bill(run("10 for 10m", Candidate("c", 20, 20, 20), site), site, listed())
    assert provisioned["provisioned"] == pytest.approx(20 * 600 * 2 * 0.0000041667)


@pytest.mark.parametrize(
    "candidate",
    [Candidate("c", 4, 4, 4), replace(tracked(1200.0), initial=2)],
    ids=["fixed", "scaled"],
)
def test_a_sample_stands_for_all_of_an_endpoint(candidate: Candidate) -> None:
    site = EndpointSite(
        "ml.m5.large", Durations.lognormal(mean=0.05, p99=0.15), FleetLimits(concurrency=2), startup_s=120.0
    )
    traffic = "wave 30 to 90 every 15m for 15m"
    every = run(traffic, candidate, site)
    some = run(traffic, candidate, site, pace_of(parse_rate(traffic), 15_000))
    assert every.simulated > 2 * some.simulated
    assert some.tally.arrived == pytest.approx(every.tally.arrived, rel=0.02)
    assert some.capacity_s == pytest.approx(every.capacity_s, rel=0.1)
    for percent in (50, 95, 99):
        assert some.tally.latencies.percentile(percent) == pytest.approx(
            every.tally.latencies.percentile(percent), rel=0.1
        )


def test_a_sample_stands_for_all_of_a_function() -> None:
    site = FunctionSite(512, Durations.lognormal(mean=0.1, p99=0.3), Durations.constant(0.8))
    traffic, candidate = "wave 20 to 150 every 12m for 12m", Candidate("c", 0, 0, 0, reserved=15)
    every = run(traffic, candidate, site)
    some = run(traffic, candidate, site, pace_of(parse_rate(traffic), 12_000))
    assert every.simulated > 2 * some.simulated
    assert some.throttle_share == pytest.approx(every.throttle_share, rel=0.1)
    assert some.tally.cold == pytest.approx(every.tally.cold, abs=15)
    assert some.tally.work_s == pytest.approx(every.tally.work_s, rel=0.03)


def test_overload_is_sampled_once_its_queue_is_full() -> None:
    traffic = "50 for 20m"
    every = run(traffic, Candidate("c", 1, 1, 1))
    some = run(traffic, Candidate("c", 1, 1, 1), pace=pace_of(parse_rate(traffic), 8_000))
    assert some.simulated < 0.5 * every.simulated
    assert some.error_share == pytest.approx(every.error_share, rel=0.05)


def test_the_same_seed_gives_the_same_run() -> None:
    first, second = (run("5 for 10m", tracked(100.0)) for _ in range(2))
    assert first.tally.waits.total == second.tally.waits.total
    assert changes(first) == changes(second)


def test_a_function_waits_for_the_endpoint_that_it_asks() -> None:
    """Two requests a second of 1.5 s: one instance takes 0.67, so lines grow, and with them what is busy."""
    behind = EndpointSite("ml.m5.large", Durations.constant(1.5), FleetLimits(timeout_s=30.0))
    site = FunctionSite(1024, Durations.constant(0.5), Durations.constant(0.0), behind=behind)
    few = Candidate("few", 0, 0, 0, reserved=10, behind=Candidate("one", 1, 1, 1))
    enough = replace(few, behind=Candidate("six", 6, 6, 6))
    short, ample = run("2 for 10m", few, site), run("2 for 10m", enough, site)
    assert ample.throttle_share < 0.02 and ample.behind is not None
    assert ample.behind.tally.arrived == pytest.approx(ample.tally.arrived - ample.tally.throttled)
    assert ample.tally.latencies.percentile(1) == pytest.approx(2.0, rel=0.02)
    # Ten at a time wait for one instance: what it answers is what goes through.
    assert short.tally.answered == pytest.approx(600 / 1.5, rel=0.05)
    assert short.throttle_share > 0.5
    # The function is paid for waiting.
    assert short.tally.work_s > 10 * 0.8 * 600
    cost = bill(ample, site, listed())
    assert cost["instances"] == pytest.approx(0.115)


def test_a_sample_stands_for_all_of_a_function_and_its_endpoint() -> None:
    behind = EndpointSite("ml.m5.large", Durations.lognormal(mean=0.05, p99=0.15), FleetLimits(concurrency=2))
    site = FunctionSite(1024, Durations.constant(0.02), Durations.constant(0.3), behind=behind)
    candidate = Candidate("c", 0, 0, 0, behind=replace(tracked(1500.0), initial=3))
    traffic = "60 for 10m"
    every, some = (
        run(traffic, candidate, site),
        run(traffic, candidate, site, pace_of(parse_rate(traffic), 10_000)),
    )
    assert some.simulated < 0.5 * every.simulated
    assert some.tally.latencies.percentile(95) == pytest.approx(every.tally.latencies.percentile(95), rel=0.1)
    assert some.behind is not None and every.behind is not None
    assert some.behind.capacity_s == pytest.approx(every.behind.capacity_s, rel=0.1)
