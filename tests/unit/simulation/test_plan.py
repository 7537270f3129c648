"""Plans: what they may say, and where they are wrong."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sagehen.simulation.plan.errors import PlanError
from sagehen.simulation.plan.plan import Plan, read_plan
from sagehen.simulation.runs.sites import EndpointSite, FunctionSite
from sagehen.simulation.servers.durations import Durations
from sagehen.traffic.traffic import Piece, Traffic


class Nothing:
    """Has no file but one trace, and no metrics."""

    def trace(self, path: str) -> Traffic:
        if path != "day.csv":
            raise ValueError(f"{path}: No such file or directory")
        return Traffic([Piece(60.0, 5.0, 5.0)])

    def report(self, path: str) -> Durations:
        return Durations.constant(0.25)

    def recorded_traffic(self, of: Mapping[str, str], hours: float) -> Traffic:
        raise ValueError(f"CloudWatch has nothing of {of['endpoint']} in {hours:g} hours")

    def recorded_durations(self, of: Mapping[str, str], hours: float) -> Durations:
        raise AssertionError


ENDPOINT = """
traffic: 5
duration: 1h
endpoint: {instance_type: ml.m5.large, service_time: 80ms}
"""
FUNCTION = """
traffic: 5
duration: 1h
function: {memory: 1GB, duration: {p50: 50ms, p99: 200ms}, cold_start: 1s}
"""


def read(text: str) -> Plan:
    return read_plan(text, Nothing())


def test_an_endpoints_plan() -> None:
    plan = read(
        """
traffic: {trace: day.csv, times: 2}
endpoint:
  instance_type: ml.g5.xlarge
  service_time: {report: load.json}
  concurrency: 4
  startup: 6m
settings: {min: 1, max: 8, scale_in_cooldown: 10m}
candidates:
  - {name: careful, target: [200, 300]}
  - {instances: 3}
objective: p99 <= 300ms, errors <= 1%
prices: {ml.g5.xlarge: 1.5}
seed: 7
"""
    )
    assert isinstance(plan.site, EndpointSite)
    assert (plan.site.limits.concurrency, plan.site.startup_s, plan.site.limits.queue) == (4, 360.0, 256)
    assert plan.site.service.mean == 0.25
    assert plan.traffic.rate(0) == 10.0
    first, second, third = plan.candidates
    assert (first.name, second.name) == ("careful, target 200", "careful, target 300")
    assert (first.minimum, first.maximum, first.initial) == (1, 8, 1)
    policy = first.policies[0].policy
    assert (policy.scale_out_cooldown_s, policy.scale_in_cooldown_s) == (300.0, 600.0)  # type: ignore[union-attr]
    assert (third.minimum, third.maximum, third.policies) == (3, 3, ())
    assert str(plan.objective) == "p99 <= 300ms, errors <= 1%, throttles <= 0.1%"
    assert plan.prices.per_hour["ml.g5.xlarge"] == 1.5
    assert "plan's own" in plan.prices.source


def test_a_functions_plan() -> None:
    plan = read(
        FUNCTION + "candidates: [{reserved: 100, target: 0.7, min: 5, max: 80}, {provisioned: 20}, {}]"
    )
    assert isinstance(plan.site, FunctionSite)
    assert plan.site.memory_mib == 1024
    scaled, fixed, plain = plan.candidates
    assert (scaled.reserved, scaled.minimum, scaled.maximum) == (100, 5, 80)
    assert scaled.policies[0].alarms[0].metric == "Utilization"
    assert scaled.policies[0].policy.scale_out_cooldown_s == 0.0  # type: ignore[union-attr]
    assert (fixed.minimum, fixed.maximum) == (20, 20)
    assert (plain.name, plain.maximum, plain.reserved) == ("as it is", 0, None)


def test_a_function_that_asks_an_endpoint() -> None:
    both = FUNCTION + "endpoint: {instance_type: ml.m5.large, service_time: 80ms}\n"
    plan = read(both + "candidates: [{name: a, reserved: 50, endpoint: {target: [300, 400], max: 5}}]")
    assert isinstance(plan.site, FunctionSite) and plan.site.behind is not None
    assert [one.name for one in plan.candidates] == ["a; target 300", "a; target 400"]
    assert [one.behind.maximum for one in plan.candidates if one.behind] == [5, 5]
    for text, words in (("", "needs candidates"), ("candidates: [{reserved: 5}]", "endpoint is missing")):
        with pytest.raises(PlanError, match=words):
            read(both + text)


def test_steps() -> None:
    plan = read(
        ENDPOINT
        + """
candidates:
  - steps:
      metric: ModelLatency
      threshold: 200000
      adjustment: PercentChangeInCapacity
      steps: [{lower: 0, upper: 100000, adjust: 10}, {lower: 100000, adjust: 50}]
"""
    )
    (watched,) = plan.candidates[0].policies
    assert watched.alarms[0].condition.evaluation_periods == 3
    assert [step.adjustment for step in watched.policy.steps] == [10, 50]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "", "a plan is fields"),
        ("traffic: [", "line 1", "no YAML"),
        ("a: &x [1]\nb: *x", "line 2", "no aliases"),
        ("[" * 50, "line 1", "levels deep"),
        ("x" * 70_000, "", "at most 64 KB"),
        ("traffic: 5", "line 1", "either endpoint or function"),
        (ENDPOINT.replace("5\n", "sin(t)\n"), "line 2, traffic", ""),
        (ENDPOINT.replace("duration: 1h", ""), "line 2, traffic", "how long"),
        (ENDPOINT.replace("1h", "-3"), "line 3, duration", "no duration"),
        (ENDPOINT + "objectve: x", "line 5, objectve", "did you mean objective?"),
        (ENDPOINT + '"\\e[31mx": 1', "line 5, \ufffd[31mx", "unknown"),
        (ENDPOINT + "objective: fast", "line 5, objective", "no objective"),
        (ENDPOINT + "objective: p99 <= 5%", "line 5, objective", "a latency is a time"),
        (ENDPOINT + "seed: 1\nseed: 2", "line 6, seed", "named twice"),
        (ENDPOINT.replace("80ms", "-1"), "line 4, endpoint.service_time", "no duration"),
        (ENDPOINT.replace("80ms", "{mean: 80ms}"), "line 4, endpoint.service_time", "add p99"),
        (ENDPOINT.replace("80ms", "{p50: 1s, p99: 80ms}"), "line 4", "not above p99"),
        (ENDPOINT.replace("ml.m5.large", "ml.t2.medium"), "endpoint.instance_type", "burstable"),
        (ENDPOINT.replace("ml.m5.large", "m5\\0"), "endpoint.instance_type", "no instance type"),
        (ENDPOINT.replace("m5.large", "q9.large"), "line", "no price of ml.q9.large is known"),
        (
            FUNCTION + "endpoint: {instance_type: ml.q9.large, service_time: 1s}\n"
            "candidates: [{endpoint: {instances: 1}}]",
            "line",
            "no price of ml.q9.large is known",
        ),
        (ENDPOINT + "candidates: [{target: 0}]", "line 5, candidates[0].target", "a number from"),
        (ENDPOINT + "candidates: [{target: nan}]", "candidates[0].target", "a number from"),
        (ENDPOINT + "candidates: [{instances: 0}]", "candidates[0].instances", "from 1 to 1000"),
        (ENDPOINT + "candidates: [{instances: 1001}]", "candidates[0].instances", "from 1 to 1000"),
        (ENDPOINT.replace("1h", "15d"), "line 3, duration", "at most 14d"),
        (ENDPOINT.replace("80ms", "0s"), "line 4, endpoint.service_time", "takes no time"),
        (ENDPOINT + "candidates: [{target: 9, instances: 2}]", "candidates[0].instances", "either a fixed"),
        (ENDPOINT + "candidates: [{target: 9, min: 4, max: 2}]", "candidates[0].max", "below min"),
        (
            ENDPOINT + "candidates: [{target: [1, 2], min: [1, 2, 3], max: [" + "3, " * 40 + "4]}]",
            "",
            "at most",
        ),
        (ENDPOINT + 'candidates: [{name: "\\e[31m", instances: 1}]', "candidates[0].name", "printable"),
        (ENDPOINT + "candidates: [{}]", "candidates[0]", "neither instances nor a target"),
        (ENDPOINT + "settings: {min: 2}", "line 5, settings.min", "nothing scales"),
        (ENDPOINT + "candidates: [{reserved: 5}]", "candidates[0].reserved", "unknown"),
        (ENDPOINT + "traffic2: {recorded: {}}", "traffic2", "did you mean traffic?"),
        (FUNCTION + "candidates: [{provisioned: 950}]", "", "UnreservedConcurrentExecution below"),
        (
            FUNCTION + "candidates: [{reserved: 5, provisioned: 6}]",
            "",
            "should not be greater than the reserved",
        ),
        (FUNCTION.replace("1GB", "64"), "line 4, function.memory", "from 128MB"),
        (FUNCTION.replace("memory: 1GB", "alias: $LATEST"), "function.alias", "cannot be put on $LATEST"),
        (FUNCTION + "prices: {gpu: 3}", "line 5, prices.gpu", "unknown"),
        (
            ENDPOINT.replace("5\n", "{recorded: {endpoint: e}}\n"),
            "line 2, traffic.recorded",
            "nothing of e in 24 hours",
        ),
        (ENDPOINT.replace("5\n", "{trace: night.csv}\n"), "line 2, traffic.trace", "No such file"),
    ],
)
def test_mistakes_are_told_with_their_place(text: str, place: str, reason: str) -> None:
    with pytest.raises(PlanError) as raised:
        read(text)
    assert place in str(raised.value)
    assert reason in str(raised.value)
