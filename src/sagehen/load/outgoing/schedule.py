"""When what is ordered is due."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sagehen.load.outgoing.order import Order
from sagehen.traffic.arrivals import arrivals
from sagehen.traffic.expression import parse_rate
from sagehen.traffic.trace import TraceError, read_trace
from sagehen.traffic.traffic import Traffic


def traffic_of(order: Order) -> Traffic:
    """Return the rate over time.

    Raises:
        ValueError: The expression or the trace makes no sense, or the trace ends before the duration.
        OSError: The trace cannot be read.
    """
    if order.trace is None:
        assert order.rate is not None
        return parse_rate(order.rate, order.duration)
    traffic = read_trace(Path(order.trace))
    if order.duration is None:
        return traffic
    if order.duration > traffic.duration:
        raise TraceError(f"the trace is {traffic.duration:g} s long, and the duration {order.duration:g} s")
    return traffic.cut(order.duration)


def moments(order: Order) -> Iterator[float]:
    """Yield when this sender's requests are due, in seconds from the beginning.

    All senders of a run draw the same moments, and each takes its own of them: together they are what one
    would be, also where arrivals are evenly spaced.
    """
    every = arrivals(traffic_of(order), seed=order.seed, evenly=order.evenly)
    return islice(every, order.share, None, order.shares)
