"""Sources: what a plan refers to and somebody else reads: files, and metrics of a running platform or AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sagehen.simulation.servers.durations import Durations
from sagehen.traffic.traffic import Traffic


class Sources(Protocol):
    """Where traces and measurements come from. Each raises ValueError with words for a person."""

    def trace(self, path: str) -> Traffic:
        """Return the traffic of a CSV file."""
        ...

    def report(self, path: str) -> Durations:
        """Return the latencies that a report of `sagehen load` has."""
        ...

    def recorded_traffic(self, of: Mapping[str, str], hours: float) -> Traffic:
        """Return what CloudWatch recorded of an endpoint's variant or a function."""
        ...

    def recorded_durations(self, of: Mapping[str, str], hours: float) -> Durations:
        """Return the ModelLatency or Duration that CloudWatch recorded."""
        ...
