"""What an instance prints: log events, and the metrics that its MetricDefinitions find there."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.api.user_patterns import InvalidPattern, PatternTooSlow, UserPattern
from sagehen.domain.clock import Clock
from sagehen.domain.ports import LogSink, MetricSink, MetricValue
from sagehen.domain.scope import Scope

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
METRIC_NAMESPACE = "/aws/sagemaker/TrainingJobs"
_log = logging.getLogger(__name__)


def compile_definitions(definitions: Sequence[Mapping[str, str]]) -> dict[str, UserPattern]:
    """Return name -> pattern.

    Raises:
        ValidationException: A pattern does not compile, or has no group for the value.
    """
    patterns: dict[str, UserPattern] = {}
    for definition in definitions:
        try:
            pattern = UserPattern(definition["Regex"])
        except InvalidPattern as error:
            raise ValidationException(
                f"Invalid regular expression for metric {definition['Name']}: {error}"
            ) from None
        if not pattern.groups:
            raise ValidationException(
                f"The regular expression for metric {definition['Name']} must have one capture group."
            )
        patterns[definition["Name"]] = pattern
    return patterns


class TrainingOutput:
    """Takes the lines of all instances of one job.

    Args:
        started: Gives the log streams their epoch.
        last_metrics: Name -> (value, seconds since the epoch); filled as values appear.
    """

    def __init__(
        self,
        scope: Scope,
        job_name: str,
        definitions: Sequence[Mapping[str, str]],
        started: datetime,
        clock: Clock,
        logs: LogSink,
        metrics: MetricSink,
    ) -> None:
        self.last_metrics: dict[str, tuple[float, float]] = {}
        self._scope = scope
        self._job_name = job_name
        self._patterns = compile_definitions(definitions)
        self._epoch = int(started.timestamp())
        self._clock = clock
        self._logs = logs
        self._metrics = metrics

    def line(self, host: str, text: str) -> None:
        """Take one line of one instance."""
        now = self._clock.now()
        stream = f"{self._job_name}/{host}-{self._epoch}"
        self._logs.write(self._scope, LOG_GROUP, stream, [(int(now.timestamp() * 1000), text)])
        if self._patterns:
            self._match(host, text, now)

    def _match(self, host: str, text: str, now: datetime) -> None:
        found: list[MetricValue] = []
        for name, pattern in list(self._patterns.items()):
            try:
                match = pattern.search(text)
            except PatternTooSlow:
                del self._patterns[name]
                _log.warning("%s: metric %s is disabled: its pattern is too slow", self._job_name, name)
                self.line(host, f"sagehen: metric {name} is disabled: its regular expression is too slow")
                continue
            value = _number(match[1]) if match else None
            if value is not None:
                self.last_metrics[name] = (value, now.timestamp())
                dimensions = {"TrainingJobName": self._job_name}
                found.append(MetricValue(name, value, dimensions=dimensions))
        if found:
            self._metrics.record(self._scope, METRIC_NAMESPACE, found, now)


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
