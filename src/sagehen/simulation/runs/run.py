"""Run: slices, minutes and events, for a side that takes the traffic and one that it may call."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.pace import Pace
from sagehen.simulation.runs.side import Side, serve
from sagehen.simulation.runs.sites import Candidate
from sagehen.simulation.runs.slices import next_slice
from sagehen.simulation.runs.timeline import Timeline
from sagehen.traffic.traffic import Traffic


def run(
    sides: Sequence[tuple[Side, Candidate]], traffic: Traffic, random: Random, pace: Pace
) -> list[Outcome]:
    """Let traffic come, from its beginning to its end; return what came out of each side.

    Args:
        sides: The first takes the traffic.
        random: Of arrivals.
    """
    front, *behind = (side for side, _ in sides)
    everyone = (front, *behind)
    timelines = [Timeline(traffic.duration) for _ in sides]
    for side in everyone:
        side.begin()
    now, simulated, minute = 0.0, 0, 0
    while now < traffic.duration:
        one = next_slice(traffic, now, min(side.next_event for side in everyone), pace.slice_s)
        # A list: each side is asked, also behind one that is not calm, for each remembers rates.
        calm = all([side.is_calm(one) for side in everyone])
        sample = pace.sample if calm or simulated > pace.most else None
        what = serve(front.servers, [side.servers for side in behind], one, random, sample)
        simulated += what.simulated
        now = one.end
        for side in everyone:
            side.served(one, what)
        if now >= (minute + 1) * 60:
            for side, timeline in zip(everyone, timelines, strict=True):
                tally = side.servers.take_tally()
                timeline.add(now, tally, side.desired, side.serving, side.busy)
                side.observe(minute * 60, tally)
            minute += 1
        for side in everyone:
            side.happen(now)
    outcomes = []
    for (side, candidate), timeline in zip(sides, timelines, strict=True):
        side.end(now)
        timeline.finish(now, side.servers.take_tally(), side.desired, side.serving)
        outcomes.append(
            Outcome(
                candidate,
                traffic.duration,
                timeline.total,
                timeline.points,
                side.activities,
                side.paid,
                simulated,
            )
        )
    return outcomes
