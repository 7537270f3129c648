"""SystemUsage: distributions of what a job's instances use, and each GPU's latest values."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from sagehen.services.sagemaker.training.profiler.events import Event

# The longest window that a rule may ask for, and its values are kept for.
LONGEST_WINDOW = 10_000
# Of a chart: as many points, each the mean of ever more samples.
_POINTS = 300
_SIGNIFICANT = 3


class Distribution:
    """How often each value came: percentages to a tenth, others to three digits."""

    def __init__(self) -> None:
        self._counts: Counter[float] = Counter()
        self.count = 0

    def add(self, value: float) -> None:
        """Count one value."""
        if abs(value) > 100:
            digits = _SIGNIFICANT - 1 - math.floor(math.log10(abs(value)))
            value = round(value, digits)
        self._counts[round(value, 1)] += 1
        self.count += 1

    def quantile(self, share: float) -> float:
        """Return the value below or at which `share` of all values are; 0 of none."""
        wanted, seen = share * self.count, 0
        for value in sorted(self._counts):
            seen += self._counts[value]
            if seen >= wanted:
                return value
        return 0.0

    def summary(self) -> dict[str, float]:
        """Return it as AWS's OverallSystemUsage.json has it."""
        return {
            "max": self.quantile(1.0),
            "p99": self.quantile(0.99),
            "p95": self.quantile(0.95),
            "p50": self.quantile(0.5),
            "min": self.quantile(0.0),
        }


class Curve:
    """A quantity over time, for a chart: as many points as it may have, however long it gets."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []
        self._stride = 1
        self._sum = 0.0
        self._taken = 0

    def add(self, time_s: float, value: float) -> None:
        """Take the next value."""
        self._sum += value
        self._taken += 1
        if self._taken < self._stride:
            return
        self.points.append((time_s, self._sum / self._taken))
        self._sum, self._taken = 0.0, 0
        if len(self.points) >= 2 * _POINTS:
            pairs = zip(self.points[::2], self.points[1::2], strict=False)
            self.points = [(later[0], (earlier[1] + later[1]) / 2) for earlier, later in pairs]
            self._stride *= 2


@dataclass(slots=True)
class Gpu:
    """One GPU of one instance."""

    use: deque[float] = field(default_factory=lambda: deque(maxlen=LONGEST_WINDOW))
    memory: deque[float] = field(default_factory=lambda: deque(maxlen=LONGEST_WINDOW))
    values: int = 0


class SystemUsage:
    """What the profiler measured, as rules and the report look at it."""

    def __init__(self) -> None:
        # Quantity (as AWS's report calls it) -> instance -> distribution.
        self.by_node: dict[str, dict[str, Distribution]] = {}
        self.gpus: dict[tuple[str, str], Gpu] = {}
        self.curves: dict[tuple[str, str], Curve] = {}
        # Of looks at an instance with GPUs: all; with an idle GPU; and how much else was busy in those.
        self.looks = 0
        self.idle_gpu_cpu: Counter[int] = Counter()
        self.idle_gpu_io: Counter[int] = Counter()
        self.first_s: float | None = None
        self.last_s: float | None = None

    @property
    def samples(self) -> int:
        """How many looks at all instances there were."""
        return max((d.count for d in self.by_node.get("CPU", {}).values()), default=0)

    def add(self, events: Iterable[Event]) -> None:
        """Take what the profiler measured, in the order of time."""
        sums: dict[tuple[str, str, float], float] = {}
        for event in events:
            self._note_time(event.time_s)
            quantity = _quantity(event)
            if quantity is None:
                continue
            key = (quantity, event.node, event.time_s)
            if event.kind in ("network", "i/o"):  # both ways together
                sums[key] = sums.get(key, 0.0) + event.value
            else:  # cores and GPUs: what counts is the busiest GPU's, and all cores show the same
                sums[key] = max(sums.get(key, 0.0), event.value)
            if event.kind == "gpu":
                self._take_gpu(event)
        looks: dict[tuple[str, float], dict[str, float]] = {}
        for (quantity, node, time_s), value in sums.items():
            self.by_node.setdefault(quantity, {}).setdefault(node, Distribution()).add(value)
            self.curves.setdefault((quantity, node), Curve()).add(time_s, value)
            looks.setdefault((node, time_s), {})[quantity] = value
        for look in looks.values():
            self._take_look(look)

    def _take_gpu(self, event: Event) -> None:
        gpu = self.gpus.setdefault((event.node, event.name), Gpu())
        if event.dimension == "GPUUtilization":
            gpu.use.append(event.value)
            gpu.values += 1
        else:
            gpu.memory.append(event.value)

    def _take_look(self, look: dict[str, float]) -> None:
        if "GPU" in look:
            self.looks += 1
            gpu = int(look["GPU"])
            # Two-dimensional counts by whole percent: thresholds are asked for later.
            self.idle_gpu_cpu[gpu * 101 + int(look.get("CPU", 0))] += 1
            if "I/O" in look:
                self.idle_gpu_io[gpu * 101 + int(look["I/O"])] += 1

    def _note_time(self, time_s: float) -> None:
        if self.first_s is None:
            self.first_s = time_s
        self.last_s = time_s


def bottlenecks(counts: Counter[int], gpu_below: float, other_above: float) -> int:
    """Return in how many looks the GPU was below one percentage and the other quantity above another."""
    return sum(n for key, n in counts.items() if key // 101 < gpu_below and key % 101 > other_above)


_QUANTITIES = {
    "CPUUtilization": "CPU",
    "I/OWaitPercentage": "I/O",
    "GPUUtilization": "GPU",
    "GPUMemoryUtilization": "GPU memory",
    "Algorithm": "Network",
}


def _quantity(event: Event) -> str | None:
    """Return what AWS's OverallSystemUsage calls an event's quantity."""
    if event.kind == "memory":
        return "CPU memory"
    if event.kind == "i/o":
        return "Disk"
    return _QUANTITIES.get(event.dimension)
