"""What an instance prints: log events, and the metrics that its MetricDefinitions find there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sagehen.api.bounded.budget import BudgetSpent, within
from sagehen.api.errors import ValidationException
from sagehen.api.user_patterns import InvalidPattern, PatternTooSlow, UserPattern
from sagehen.domain.clock import Clock
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.ports.observing.metrics import MetricSink, MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.jobs.log_streams import LogStreams
from sagehen.services.sagemaker.jobs.metric_series import MetricSeries, prolonged

# Documented: SageMaker Developer Guide, Log groups and streams that SageMaker sends to CloudWatch Logs.
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
# Documented: SageMaker Developer Guide, Monitor SageMaker with CloudWatch. What MetricDefinitions find goes
# there under TrainingJobName (from memory), utilization under Host.
METRIC_NAMESPACE = "/aws/sagemaker/TrainingJobs"
# Searches take processor time of the event loop: what all metrics of a job may have for one line, and for
# all lines at once and in the long run. Forty of 3 us, on 800 lines a second, take a tenth of it.
_LINE_S = 0.02
_AT_ONCE_S, _SHARE = 2.0, 0.1
_log = logging.getLogger(__name__)


def compile_definitions(definitions: Sequence[Mapping[str, str]]) -> dict[str, UserPattern]:
    """Return name -> pattern. Work of up to a second: not for the event loop.

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


class JobLog:
    """Takes the lines of all instances of one job.

    Args:
        patterns: As `compile_definitions` returns them.
        started: Gives the log streams their epoch.
        last_metrics: Name -> (value, seconds since the epoch); filled as values appear.
        series: Name -> what its values have come to, those that are numbers.
        heard: Is told of what the patterns find in a line.
    """

    def __init__(
        self,
        scope: Scope,
        job_name: str,
        patterns: Mapping[str, UserPattern],
        started: datetime,
        clock: Clock,
        logs: LogSink,
        metrics: MetricSink,
        heard: Callable[[Mapping[str, float]], None] | None = None,
    ) -> None:
        self.last_metrics: dict[str, tuple[float, float]] = {}
        self.series: dict[str, MetricSeries] = {}
        self._scope = scope
        self._job_name = job_name
        self._patterns = dict(patterns)
        self._spent_s: dict[str, float] = {}
        self._began = time.monotonic()
        self._streams = LogStreams(scope, LOG_GROUP, job_name, started, logs)
        self._clock = clock
        self._metrics = metrics
        self._heard = heard

    def line(self, host: str, text: str) -> None:
        """Take one line of one instance."""
        now = self._clock.now()
        self._streams.write(host, text, now)
        if self._patterns:
            self._match(host, text, now)

    def _match(self, host: str, text: str, now: datetime) -> None:
        found: dict[str, float] = {}
        try:
            within(_LINE_S, self._search, text, found)
            too_slow = sum(self._spent_s.values()) > _AT_ONCE_S + _SHARE * (time.monotonic() - self._began)
        except (BudgetSpent, PatternTooSlow):
            too_slow = True
        if found:
            dimensions = {"TrainingJobName": self._job_name}
            self.last_metrics |= {name: (value, now.timestamp()) for name, value in found.items()}
            self.series = prolonged(self.series, found, now.timestamp())
            values = [MetricValue(name, value, dimensions=dimensions) for name, value in found.items()]
            self._metrics.record(self._scope, METRIC_NAMESPACE, values, now)
            if self._heard is not None:
                self._heard(found)
        if too_slow:
            self._give_up_the_costliest(host)

    def _search(self, text: str, found: dict[str, float]) -> None:
        """Put what the patterns find into `found`, and count what each takes."""
        began = time.thread_time()
        for name, pattern in self._patterns.items():
            try:
                match = pattern.search(text)
            finally:
                ended = time.thread_time()
                self._spent_s[name] = self._spent_s.get(name, 0.0) + ended - began
                began = ended
            value = _number(match[1]) if match else None
            if value is not None:
                found[name] = value

    def _give_up_the_costliest(self, host: str) -> None:
        name = max(self._spent_s, key=self._spent_s.__getitem__)
        del self._patterns[name], self._spent_s[name]
        _log.warning("%s: metric %s is disabled: its pattern is too slow", self._job_name, name)
        self.line(host, f"sagehen: metric {name} is disabled: its regular expression is too slow")


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
