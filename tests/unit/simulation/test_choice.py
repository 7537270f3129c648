"""What is recommended: the cheapest that holds, and the words for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sagehen.concurrency.limits import Limits
from sagehen.simulation.bill.prices import listed
from sagehen.simulation.choice.advice import advice
from sagehen.simulation.choice.best import best
from sagehen.simulation.choice.objective import Objective, parse_objective
from sagehen.simulation.choice.recommend import recommend
from sagehen.simulation.choice.search import Search, peak
from sagehen.simulation.choice.words import explain
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.rehearse import Site
from sagehen.simulation.runs.sites import Candidate, EndpointSite, FunctionSite
from sagehen.simulation.servers.durations import Durations
from sagehen.simulation.servers.premises import Premises
from sagehen.simulation.servers.tally import Tally
from sagehen.traffic.expression import parse_rate

OBJECTIVE = parse_objective("p99 <= 300ms, throttles <= 1%")


def outcome(name: str, p99_ms: float, dollars: float, throttled: float = 0.0) -> Outcome:
    tally = Tally(arrived=1000.0, throttled=throttled)
    tally.latencies.add([p99_ms / 1000], 1000.0)
    candidate = Candidate(name, 1, 1, 1, shown={"instances": "1"})
    return Outcome(candidate, 86_400.0, tally, [], [], 0.0, 0, {"instances": dollars})


def test_the_cheapest_that_meets_the_objective() -> None:
    some = [
        outcome("slow", 500, 1),
        outcome("good", 200, 3),
        outcome("dear", 100, 5),
        outcome("shut", 50, 2, 20),
    ]
    chosen = best(some, OBJECTIVE)
    assert chosen is some[1]
    first, second, third = explain(some, chosen, OBJECTIVE)
    assert first.startswith("Set good: p99 20") and "$90.00 a month" in first
    assert second == "shut saves $30.00 of that, and throttles becomes 2.00%."
    assert third.startswith("dear costs $60.00 more;")
    assert best(some[:1], OBJECTIVE) is None
    assert "slow comes closest" in explain(some[:1], None, OBJECTIVE)[1]


def test_errors_are_limited_where_nobody_says_so() -> None:
    assert not parse_objective("p99 <= 1s").holds(outcome("shut", 50, 2, throttled=5))
    assert str(parse_objective("mean wait <= 5ms")) == "mean wait <= 5ms, throttles <= 0.1%, errors <= 0.1%"


def found(site: Site, traffic: str, objective: Objective) -> tuple[list[Outcome], Outcome | None, list[str]]:
    runs: list[str] = []
    search = Search(
        site, parse_rate(traffic), listed(), objective, 1, 20_000, lambda _, name: runs.append(name)
    )
    outcomes, chosen = recommend(search)
    return outcomes, chosen, runs


def test_an_endpoint_gets_a_target_that_meets_the_objective_cheaper_than_standing_still() -> None:
    site = EndpointSite("ml.m5.large", Durations.constant(0.5), startup_s=60.0)
    outcomes, chosen, runs = found(
        site, "0.5 for 5m, ramp 0.5 to 3 for 15m, 0.5 for 25m", parse_objective("p99 <= 8s")
    )
    assert chosen is not None
    assert chosen.candidate.policies and len(runs) <= 50
    still = [one for one in outcomes if not one.candidate.policies]
    assert still and all(chosen.dollars < one.dollars for one in still)


def test_a_function_gets_provisioned_concurrency_only_where_cold_starts_count() -> None:
    site = FunctionSite(1024, Durations.constant(0.2), Durations.constant(3.0))
    traffic = "5 for 10m"
    _, plain, _ = found(site, traffic, parse_objective("p99 <= 500ms"))
    assert plain is not None and plain.candidate.initial == 0
    _, warm, _ = found(site, traffic, parse_objective("p99.9 <= 500ms"))
    assert warm is not None and warm.candidate.initial > 0
    assert warm.candidate.reserved is not None


@pytest.mark.parametrize(
    ("site", "objective", "first"),
    [
        (EndpointSite("ml.m5.large", Durations.constant(0.5)), "p99 <= 5s", "Set instances 1: "),
        (
            FunctionSite(1024, Durations.constant(0.2), Durations.constant(0.3)),
            "p99 <= 5s",
            "Keep as it is: ",
        ),
    ],
    ids=["endpoint", "function"],
)
def test_what_more_money_buys_is_shown_where_the_cheapest_will_do(
    site: Site, objective: str, first: str
) -> None:
    meant = parse_objective(objective)
    outcomes, chosen, _ = found(site, "0.2 for 10m", meant)
    choice, less, more = explain(outcomes, chosen, meant)
    assert choice.startswith(first)
    assert less == "Nothing that was compared is cheaper."
    assert " more; its p99 is " in more and " costs $" in more


def test_provisioned_concurrency_is_taken_where_a_steady_load_makes_it_cheaper() -> None:
    site = FunctionSite(1024, Durations.constant(0.2), Durations.constant(0.3))
    outcomes, chosen, _ = found(site, "100 for 5m", parse_objective("p99 <= 500ms"))
    assert chosen is not None and chosen.candidate.initial == 20
    assert all(chosen.dollars < one.dollars for one in outcomes if not one.candidate.initial)


def test_an_account_that_has_nothing_to_reserve_gets_no_reservation() -> None:
    small = Premises(Limits(concurrency=50, minimum_unreserved=50))
    site = FunctionSite(1024, Durations.constant(0.2), Durations.constant(3.0), small)
    outcomes, chosen, _ = found(site, "5 for 5m", parse_objective("p99.9 <= 500ms"))
    assert chosen is None
    assert [one.candidate.name for one in outcomes] == ["as it is"]


def test_what_no_setting_can_do_is_said() -> None:
    site = EndpointSite("ml.m5.large", Durations.constant(0.5))
    outcomes, chosen, _ = found(site, "1 for 5m", parse_objective("p99 <= 100ms"))
    assert chosen is None and outcomes


@pytest.mark.parametrize(
    ("target", "words"),
    [(5.0, "invocations per instance and minute, not"), (700.0, "not below"), (300.0, "")],
)
def test_a_target_that_is_meant_otherwise_is_told(target: float, words: str) -> None:
    from sagehen.autoscaling.policy import TargetTrackingPolicy
    from sagehen.simulation.scaling.watched import tracking

    site = EndpointSite("ml.m5.large", Durations.constant(0.1))  # takes 600 a minute
    watched = tracking("p", TargetTrackingPolicy(target), "InvocationsPerInstance")
    one = outcome("x", 1, 1)
    one.candidate = replace(one.candidate, policies=(watched,), shown={"scale_in_cooldown": "5m"})
    notes = advice(site, [one])
    assert any(words in note for note in notes) if words else not any("target of" in note for note in notes)
    assert any("a wait after an activity, not a delay before one" in note for note in notes)


def test_the_busiest_minute() -> None:
    assert peak(parse_rate("1 for 9m, 10 for 1m")) == pytest.approx(10.0)
    assert peak(parse_rate("1 for 9m, 10 for 1m"), 0.5) == pytest.approx(1.0)
