"""LogStreams: the log streams of a job's instances."""

from __future__ import annotations

from datetime import datetime

from sagehen.domain.clock import epoch_ms
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.scope import Scope


class LogStreams:
    """Takes the lines of one attempt at a job: streams `job/algo-1-EPOCH`, EPOCH its start in seconds.

    Documented: SageMaker Developer Guide, Log groups and streams that SageMaker sends to CloudWatch Logs.
    """

    def __init__(self, scope: Scope, group: str, job_name: str, started: datetime, logs: LogSink) -> None:
        self._scope = scope
        self._group = group
        self._job_name = job_name
        self._epoch = int(started.timestamp())
        self._logs = logs

    def write(self, host: str, text: str, now: datetime, below: str = "") -> None:
        """Take one line of one instance.

        Args:
            below: A stream of its own: `/data-log` of transform jobs.
        """
        stream = f"{self._job_name}/{host}-{self._epoch}{below}"
        self._logs.write(self._scope, self._group, stream, [(epoch_ms(now), text)])
