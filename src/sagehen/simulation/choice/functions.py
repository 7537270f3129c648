"""What is tried for a function."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import ceil

from sagehen.autoscaling.policy import TargetTrackingPolicy
from sagehen.simulation.choice.search import Search, named, peak
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.sites import Candidate, FunctionSite
from sagehen.simulation.scaling.watched import tracking
from sagehen.traffic.durations import duration_text

_TARGETS = (0.8, 0.7, 0.6, 0.5)
# A reservation is a ceiling, too: so much above the most that ran at once.
_HEADROOM = 1.2


def recommend(search: Search, site: FunctionSite) -> tuple[list[Outcome], Outcome | None]:
    """Try reservations, then provisioned concurrency, fixed and scaled; see Search.settle."""
    plain = Candidate("as it is", 0, 0, 0)
    (first,) = search.coarse([plain])
    # There are as many environments as were ever busy at once, lately.
    most = max((point.serving for point in first.points), default=1)
    reserved = _allowed_reservation(site, ceil(_HEADROOM * max(most, 1)))
    others = [plain]
    if reserved:  # an account whose limit is small has nothing to reserve, nor to provision
        own = named(Candidate("", 0, 0, 0, reserved=reserved, shown={"reserved": str(reserved)}))
        others.append(own)
        found = search.coarse([own])
        provisioned = _provisioned(search, site, reserved, most)
        # Where none is needed, a little still is tried: its durations are cheaper, which pays under a steady
        # load; else it says what more money buys.
        search.coarse(islice(provisioned, 1) if any(map(search.objective.holds, found)) else provisioned)
    fixed = search.fixed()
    return search.settle([*others, *([fixed] if fixed else [])])


def _allowed_reservation(site: FunctionSite, wanted: int) -> int:
    while wanted > 0 and site.premises.refusal(wanted, 0):
        wanted -= max(1, wanted // 50)
    return wanted


def _provisioned(search: Search, site: FunctionSite, reserved: int, most: int) -> Iterator[Candidate]:
    mean = site.service.mean
    counts = {ceil(share * max(most, 1)) for share in (0.5, 0.75, 1.0)} | {reserved}
    counts |= {max(1, ceil(peak(search.traffic) * mean))}
    for count in sorted(count for count in counts if count <= reserved):
        shown = {"reserved": str(reserved), "provisioned": str(count)}
        yield named(Candidate("", count, count, count, reserved=reserved, shown=shown))
    least = sorted({max(1, ceil(peak(search.traffic, share) * mean / 0.7)) for share in (0.0, 0.5, 0.9)})
    for minimum in least:
        for target in _TARGETS:
            for back in (0.0, 900.0):
                if minimum < reserved:
                    yield _scaled(target, minimum, reserved, back)


def _scaled(target: float, minimum: int, reserved: int, back: float) -> Candidate:
    shown = {"reserved": str(reserved), "target": f"{target:g}", "min": str(minimum), "max": str(reserved)}
    if back:
        shown["scale_in_cooldown"] = duration_text(back)
    watched = tracking("target", TargetTrackingPolicy(target, 0.0, back), "Utilization")
    return named(Candidate("", minimum, reserved, minimum, (watched,), reserved, shown))
