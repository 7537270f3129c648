"""How long data points live, and in what steps old ones are shown. Pure.

Documented: CloudWatch User Guide, "Metrics concepts", Metrics retention; API_GetMetricStatistics, StartTime.
"""

from __future__ import annotations

from typing import NamedTuple

HOUR_S = 3600
DAY_S = 24 * HOUR_S
# What is put by the second is shown by the second for so long.
FINE_LIFE_S = 3 * HOUR_S
# ListMetrics shows what had data in the last two weeks (documented with it).
LISTED_FOR_S = 14 * DAY_S


class Life(NamedTuple):
    """One resolution of points.

    Args:
        resolution_s: 1 stands for everything below a minute.
        life_s: How old points of it become.
        coarser_s: The resolution that they are merged into then; None where they go.
    """

    resolution_s: int
    life_s: int
    coarser_s: int | None


LIVES = (
    Life(1, FINE_LIFE_S, 60),
    Life(60, 15 * DAY_S, 300),
    Life(300, 63 * DAY_S, HOUR_S),
    Life(HOUR_S, 455 * DAY_S, None),
)


def step_s(age_s: float, period_s: int) -> int:
    """Return what a range's start is rounded down to, in seconds.

    Args:
        age_s: How long ago the range starts.
        period_s: The period that is asked for; below a minute it is the step itself.
    """
    if period_s < 60:
        return period_s
    for life in LIVES:
        if life.resolution_s >= 60 and age_s <= life.life_s:
            return life.resolution_s
    return HOUR_S
