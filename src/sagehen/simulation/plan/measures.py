"""Traffic and durations of a plan: given, measured, or recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sagehen.simulation.plan.sections import Section, Value
from sagehen.simulation.plan.sources import Sources
from sagehen.simulation.plan.values import number, one_of, seconds
from sagehen.simulation.servers.durations import Durations
from sagehen.traffic.durations import duration_text
from sagehen.traffic.expression import parse_rate
from sagehen.traffic.traffic import Traffic

T = TypeVar("T")

# A run of two weeks takes a minute of one core; what is longer says nothing that two weeks do not.
LONGEST_S = 14 * 86_400.0
_RECORDED = ("endpoint", "variant", "function", "alias")
_HOURS = number(0.05, 24 * 15)


def read_traffic(plan: Section, sources: Sources) -> Traffic:
    """Read `traffic` and `duration`.

    Raises:
        PlanError.
    """
    found = plan.require(
        "traffic", "a rate (`wave 5 to 50 every 24h`), `trace: FILE.csv`, or `recorded: {endpoint: NAME}`"
    )
    duration = plan.get("duration", _length, 0.0) or None
    if not found.is_section:
        return _bounded(found, found.read(lambda text: parse_rate(text, duration)))
    section = found.section()
    trace, recorded, times = section.take("trace"), section.take("recorded"), section.take("times")
    section.end()
    if (trace is None) == (recorded is None):
        raise section.fail("either trace or recorded")
    if trace is not None:
        traffic = trace.read(sources.trace)
    else:
        assert recorded is not None
        of, hours = _recorded(recorded.section())
        traffic = _asked(recorded, lambda: sources.recorded_traffic(of, hours))
    if times is not None:
        factor = times.read(number(0.001, 1e6))
        traffic = _asked(times, lambda: traffic.times(factor))
    return _bounded(found, traffic if duration is None else traffic.cut(duration))


def _length(text: str) -> float:
    value = seconds(text)
    if value > LONGEST_S:
        raise ValueError(f"{text}: at most {duration_text(LONGEST_S)}")
    return value


def _bounded(place: Value, traffic: Traffic) -> Traffic:
    if traffic.duration > LONGEST_S:
        raise place.fail(f"{duration_text(traffic.duration)} long; at most {duration_text(LONGEST_S)}")
    return traffic


def read_work(found: Value, sources: Sources) -> Durations:
    """Read how long one request takes; as `read_durations`, but not nothing."""
    durations = read_durations(found, sources)
    if not durations.mean > 0:
        raise found.fail("takes no time: nothing is to be rehearsed")
    return durations


def read_durations(found: Value, sources: Sources) -> Durations:
    """Read how long something takes: `80ms`, `{mean: 80ms, p99: 200ms}`, `{report: FILE.json}` and so on.

    Raises:
        PlanError.
    """
    if not found.is_section:
        return Durations.constant(found.read(_some_time))
    section = found.section()
    mean, p50, p99 = (section.get(name, _some_time, 0.0) for name in ("mean", "p50", "p99"))
    shape = section.get("shape", one_of(("lognormal", "exponential", "constant")), "")
    report, recorded = section.take("report"), section.take("recorded")
    section.end()
    if report is not None:
        return report.read(sources.report)
    if recorded is not None:
        of, hours = _recorded(recorded.section())
        return _asked(recorded, lambda: sources.recorded_durations(of, hours))
    try:
        if p99 and (p50 or mean):
            return Durations.lognormal(p99=p99, p50=p50 or None, mean=None if p50 else mean)
    except ValueError as error:
        raise section.fail(str(error)) from None
    if mean and shape == "exponential":
        return Durations.exponential(mean)
    if (mean or p50) and shape in ("", "constant"):
        if shape:
            return Durations.constant(mean or p50)
        raise section.fail("how it spreads is missing: add p99, or `shape: constant` or `exponential`")
    raise section.fail("write 80ms, {mean: 80ms, p99: 200ms}, {p50: 70ms, p99: 200ms} or {report: FILE.json}")


def _some_time(text: str) -> float:
    value = seconds(text)
    if value > 3600:
        raise ValueError(f"{text}: at most an hour")
    return value


def _recorded(section: Section) -> tuple[dict[str, str], float]:
    of = {name: value.text for name in _RECORDED if (value := section.take(name)) is not None}
    hours = section.get("hours", _HOURS, 24.0)
    section.end()
    if ("endpoint" in of) == ("function" in of):
        raise section.fail("of either an endpoint or a function")
    return of, hours


def _asked(place: Value, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except ValueError as error:
        raise place.fail(str(error)) from None
