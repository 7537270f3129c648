"""What a plan refers to: files beside it, and what CloudWatch recorded, in Sagehen or on AWS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sagehen.simulation.servers.durations import Durations
from sagehen.traffic.trace import read_trace
from sagehen.traffic.traffic import Piece, Traffic

_MOST_BYTES = 32 * 1024 * 1024
_PERIOD_S = 60
_MOST_SECONDS = 3600


class PlanSources:
    """Implements `simulation.plan.sources.Sources`.

    Args:
        folder: Of the plan; relative paths begin there.
        client: Makes a boto3 client of a service.
        is_aws: Of AWS itself, whose clock is this machine's.
    """

    def __init__(self, folder: Path, client: Callable[[str], Any], *, is_aws: bool) -> None:
        self._folder, self._client, self._is_aws = folder, client, is_aws

    def trace(self, path: str) -> Traffic:
        """Read a CSV file."""
        file = self._folder / path
        try:
            return read_trace(file)
        except OSError as error:
            raise ValueError(f"{file}: {error.strerror}") from None

    def report(self, path: str) -> Durations:
        """Read the latencies of a report of `sagehen load`."""
        file = self._folder / path
        try:
            with file.open("rb") as opened:  # a device has no size, but never ends
                content = opened.read(_MOST_BYTES + 1)
            if len(content) > _MOST_BYTES:
                raise ValueError(f"more than {_MOST_BYTES >> 20} MB")
            buckets = json.loads(content)["histogram_ms"]
            steps = sorted((float(upper) / 1000, float(count)) for upper, count in buckets if count)
            if not all(0 <= upper <= _MOST_SECONDS and 0 < count <= 1e12 for upper, count in steps):
                raise ValueError("numbers out of range")
        except OSError as error:
            raise ValueError(f"{file}: {error.strerror}") from None
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{file} is no report of `sagehen load --json`: {error}") from None
        return _of_histogram(steps)

    def recorded_traffic(self, of: Mapping[str, str], hours: float) -> Traffic:
        """Return the Invocations of each minute."""
        found = self._values(of, "Invocations", "Sum", hours)
        rates = [max(value, 0.0) / _PERIOD_S for value in found]
        return Traffic(Piece(_PERIOD_S, rate, rate) for rate in rates)

    def recorded_durations(self, of: Mapping[str, str], hours: float) -> Durations:
        """Return the percentiles of ModelLatency (in microseconds) or Duration (milliseconds)."""
        metric, unit = ("ModelLatency", 1e-6) if "endpoint" in of else ("Duration", 1e-3)
        statistics = ("Minimum", "p10", "p50", "p90", "p99", "Maximum")
        # Each is the greatest of the days'; those of different days may lie in another order.
        steps = sorted(max(self._values(of, metric, one, hours, period_s=86_400)) for one in statistics)
        shares = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)
        table = tuple((share, step * unit) for share, step in zip(shares, steps, strict=True))
        return Durations(table, f"recorded {metric}, p50 {steps[2] * unit * 1000:.4g} ms")

    def _values(
        self, of: Mapping[str, str], metric: str, statistic: str, hours: float, period_s: int = _PERIOD_S
    ) -> list[float]:
        """Return a value for each period, oldest first; 0 where nothing was recorded."""
        from botocore.exceptions import BotoCoreError, ClientError

        namespace, dimensions = _named(of)
        query = {
            "Id": "m",
            "MetricStat": {
                "Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions},
                "Period": period_s,
                "Stat": statistic,
            },
        }
        found: dict[float, float] = {}
        try:
            end = datetime.fromtimestamp(self._now() // _PERIOD_S * _PERIOD_S, UTC)
            start = end - timedelta(hours=hours)
            pages = self._client("cloudwatch").get_paginator("get_metric_data")
            for page in pages.paginate(MetricDataQueries=[query], StartTime=start, EndTime=end):
                for result in page["MetricDataResults"]:
                    pairs = zip(result["Timestamps"], result["Values"], strict=True)
                    found.update({at.timestamp(): value for at, value in pairs})
        except (BotoCoreError, ClientError) as error:
            raise ValueError(f"CloudWatch: {error}") from None
        if not found:
            raise ValueError(f"CloudWatch has no {metric} of it in the last {hours:g} hours")
        if period_s != _PERIOD_S:
            return list(found.values())
        first, last = min(found), max(found)
        return [found.get(first + n * _PERIOD_S, 0.0) for n in range(int((last - first) / _PERIOD_S) + 1)]

    def _now(self) -> float:
        """Return the present of who recorded: a platform whose clock is scaled is ahead of this machine."""
        if self._is_aws:
            return time.time()
        lasting_s = 3600
        answer = self._client("sts").get_session_token(DurationSeconds=lasting_s)
        ends: datetime = answer["Credentials"]["Expiration"]
        return ends.timestamp() - lasting_s


def _named(of: Mapping[str, str]) -> tuple[str, list[dict[str, str]]]:
    if "endpoint" in of:
        variant = of.get("variant", "AllTraffic")
        return "AWS/SageMaker", [
            {"Name": "EndpointName", "Value": of["endpoint"]},
            {"Name": "VariantName", "Value": variant},
        ]
    dimensions = [{"Name": "FunctionName", "Value": of["function"]}]
    if "alias" in of:
        dimensions.append({"Name": "Resource", "Value": f"{of['function']}:{of['alias']}"})
    return "AWS/Lambda", dimensions


def _of_histogram(steps: list[tuple[float, float]]) -> Durations:
    total = sum(count for _, count in steps)
    if not total:
        raise ValueError("the report has no answered request")
    table, seen = [(0.0, steps[0][0])], 0.0
    for upper, count in steps:
        seen += count
        table.append((min(seen / total, 1.0), upper))
    table[-1] = (1.0, table[-1][1])
    return Durations(tuple(table), f"{total:,.0f} measured")
