"""Candidates, as a plan says them: settings of which each may be a list, whose combinations are compared."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from sagehen.alarms.condition import COMPARISONS, Condition
from sagehen.autoscaling.policy import (
    PROVISIONED_CONCURRENCY_COOLDOWN_S,
    VARIANT_COOLDOWN_S,
    AdjustmentType,
    StepAdjustment,
    StepPolicy,
    TargetTrackingPolicy,
)
from sagehen.simulation.plan.sections import Section, Value
from sagehen.simulation.plan.values import count, label, number, one_of, seconds, yes_or_no
from sagehen.simulation.runs.sites import MOST_INSTANCES, Candidate
from sagehen.simulation.scaling.watched import Metric, WatchedPolicy, stepping, tracking

MOST_CANDIDATES = 100
_COMMON = ("min", "max", "initial", "target", "scale_out_cooldown", "scale_in_cooldown", "scale_in")
_ENDPOINT = ("instances", *_COMMON, "steps")
_FUNCTION = ("reserved", "provisioned", *_COMMON)


@dataclass(frozen=True, slots=True)
class _Kind:
    is_endpoint: bool
    most: int
    asks: bool = False


def read_candidates(
    plan: Section, *, is_endpoint: bool, account_limit: int, asks: bool = False
) -> list[Candidate]:
    """Read `settings`, which all share, and `candidates`; none where the plan names neither.

    Args:
        asks: It is a function that asks an endpoint, whose settings are in `endpoint` of each.

    Raises:
        PlanError.
    """
    kind = _Kind(is_endpoint, MOST_INSTANCES if is_endpoint else account_limit, asks)
    shared, listed = plan.take("settings"), plan.take("candidates")
    common = _fields(shared.section(), kind) if shared is not None else {}
    sections = [item.section() for item in listed.items(MOST_CANDIDATES)] if listed is not None else []
    found: list[Candidate] = []
    for section in sections:
        name = section.take("name")
        own = _over(common, _fields(section, kind), kind)
        found += _combined(own, kind, name.read(label) if name else "", section)
    if not sections and common:
        assert shared is not None
        found += _combined(common, kind, "", shared)
    if len(found) > MOST_CANDIDATES:
        raise plan.fail(f"{len(found)} candidates; at most {MOST_CANDIDATES}")
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise plan.fail("two candidates have the same name")
    return found


def _fields(section: Section, kind: _Kind) -> dict[str, Value]:
    known = [*(_ENDPOINT if kind.is_endpoint else _FUNCTION), *(["endpoint"] if kind.asks else [])]
    found = {name: value for name in known if (value := section.take(name)) is not None}
    section.take("name")
    section.end()
    return found


def _over(common: Mapping[str, Value], mine: Mapping[str, Value], kind: _Kind) -> dict[str, Value]:
    """Return a candidate's fields over the shared ones; what scales others is nothing to a fixed number."""
    if ("instances" if kind.is_endpoint else "provisioned") in mine:
        common = {key: value for key, value in common.items() if key not in (*_COMMON, "steps")}
    return {**common, **mine}


def _combined(fields: Mapping[str, Value], kind: _Kind, name: str, place: Value) -> Iterator[Candidate]:
    lists = {key: value for key, value in fields.items() if value.is_list}
    choices = [[(key, item) for item in value.items(50)] for key, value in lists.items()]
    asked = _asked(fields, kind, place)
    for chosen in itertools.islice(itertools.product(*choices), MOST_CANDIDATES + 1):
        own = {**fields, **dict(chosen)}
        parts = [f"{key} {item.text}" for key, item in chosen]
        made = _candidate(own, kind, ", ".join(filter(None, (name, *parts))), place)
        if not kind.asks:
            yield made
        for one in asked:
            several = len(asked) > 1 or not name
            yield replace(made, behind=one, name=f"{made.name}; {one.name}" if several else made.name)


def _asked(fields: Mapping[str, Value], kind: _Kind, place: Value) -> list[Candidate]:
    """Return the settings of the endpoint that a function asks."""
    if not kind.asks:
        return []
    if "endpoint" not in fields:
        raise place.fail("endpoint is missing: the settings of the endpoint that the function asks")
    own = _Kind(True, MOST_INSTANCES)
    section = fields["endpoint"].section()
    return list(_combined(_fields(section, own), own, "", section))


def _candidate(fields: Mapping[str, Value], kind: _Kind, name: str, place: Value) -> Candidate:
    def whole(key: str, default: int, least: int = 0) -> int:
        value = fields.get(key)
        return default if value is None else value.read(count(least, kind.most))

    reserved = fields["reserved"].read(count(0, kind.most)) if "reserved" in fields else None
    fixed_name = "instances" if kind.is_endpoint else "provisioned"
    policies = _policies(fields, kind)
    least = 1 if kind.is_endpoint else 0
    if fixed_name in fields or not policies:
        if policies:
            raise fields[fixed_name].fail("either a fixed number, or a target with min and max")
        for key in _COMMON:
            if key in fields:
                raise fields[key].fail("nothing scales: it goes with a target, or with steps")
        if kind.is_endpoint and fixed_name not in fields:
            raise place.fail("neither instances nor a target nor steps")
        fixed = whole(fixed_name, least, least)
        minimum = maximum = initial = fixed
    else:
        minimum = whole("min", least, least)
        maximum = whole("max", kind.most if kind.is_endpoint else max(minimum, 100), least)
        initial = whole("initial", minimum, least)
        if not minimum <= maximum:
            raise fields.get("max", place).fail(f"max {maximum} is below min {minimum}")
        if not minimum <= initial <= maximum:
            raise fields.get("initial", place).fail("initial lies between min and max")
    shown = {
        key: fields[key].text if not (fields[key].is_section or fields[key].is_list) else "yes"
        for key in (_ENDPOINT if kind.is_endpoint else _FUNCTION)
        if key in fields
    }
    plain = ", ".join(f"{key} {value}" for key, value in shown.items()) or "as it is"
    return Candidate(name or plain, minimum, maximum, initial, policies, reserved, shown)


def _policies(fields: Mapping[str, Value], kind: _Kind) -> tuple[WatchedPolicy, ...]:
    found = []
    default_s = VARIANT_COOLDOWN_S if kind.is_endpoint else PROVISIONED_CONCURRENCY_COOLDOWN_S

    def cooldown(key: str) -> float:
        return fields[key].read(seconds) if key in fields else default_s

    if "target" in fields:
        most = 1e9 if kind.is_endpoint else 1.0
        policy = TargetTrackingPolicy(
            fields["target"].read(number(1e-3, most)),
            cooldown("scale_out_cooldown"),
            cooldown("scale_in_cooldown"),
            disable_scale_in="scale_in" in fields and not fields["scale_in"].read(yes_or_no),
        )
        metric: Metric = "InvocationsPerInstance" if kind.is_endpoint else "Utilization"
        found.append(tracking("target", policy, metric))
    if "steps" in fields:
        found.append(_steps(fields["steps"].section()))
    return tuple(found)


def _steps(section: Section) -> WatchedPolicy:
    metrics = ("InvocationsPerInstance", "Invocations", "ModelLatency")
    metric = section.get("metric", one_of(metrics), metrics[0])
    threshold = section.require("threshold", "of the alarm").read(number(-1e12, 1e12))
    comparison = section.get("comparison", one_of(tuple(COMPARISONS)), "GreaterThanThreshold")
    periods = section.get("periods", count(1, 100), 3)
    kind = section.get("adjustment", one_of([one.value for one in AdjustmentType]), "ChangeInCapacity")
    cooldown = section.get("cooldown", seconds, VARIANT_COOLDOWN_S)
    magnitude = section.get("min_magnitude", count(0, 1000), 0)
    aggregation = section.get("aggregation", one_of(("Average", "Minimum", "Maximum")), "Average")
    steps = []
    for item in section.require("steps", "a list of {lower, upper, adjust}").items(20):
        step = item.section()
        bounds = [
            None if (bound := step.take(name)) is None else bound.read(number(-1e12, 1e12))
            for name in ("lower", "upper")
        ]
        adjust = step.require("adjust", "how many").read(_signed)
        step.end()
        steps.append(StepAdjustment(bounds[0], bounds[1], adjust))
    section.end()
    if not steps:
        raise section.fail("at least one step")
    condition = Condition(comparison, threshold, periods, None, "missing", 60)
    policy = StepPolicy(AdjustmentType(kind), tuple(steps), cooldown, magnitude)
    return stepping("steps", policy, cast(Metric, metric), condition, aggregation)


def _signed(text: str) -> int:
    value = number(-10_000, 10_000)(text)
    if value != int(value):
        raise ValueError(f"{text}: a whole number")
    return int(value)
