"""An endpoint's load as target tracking counts it. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from sagehen.load.measured.tally import Tally


def per_instance_and_minute(
    tallies: Mapping[int, Tally], instances: Sequence[tuple[float, int, int]], slot: float, scale: float
) -> dict[int, float]:
    """Return invocations per instance and minute, by the number of the stretch.

    Args:
        tallies: By the number of the stretch.
        instances: (seconds, in service, wanted).
        slot: Seconds of a stretch.
        scale: Of the platform's clock: its minute is the shorter.

    Returns:
        Nothing where instances are not known. The last stretch is left out: the end may have cut it short.
    """
    if not instances:
        return {}
    moments = [seconds for seconds, _, _ in instances]
    loads = {}
    for number in range(max(tallies, default=0)):
        current = instances[max(bisect_right(moments, number * slot) - 1, 0)][1]
        tally = tallies.get(number, Tally())
        answered = tally.succeeded + tally.failed
        loads[number] = answered / slot * 60 / scale / max(current, 1)
    return loads
