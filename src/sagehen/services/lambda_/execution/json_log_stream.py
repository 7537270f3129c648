"""The log stream of a function whose LogFormat is JSON: platform events instead of Lambda's own lines."""

from __future__ import annotations

import json

from sagehen.services.lambda_.execution.application_levels import is_kept
from sagehen.services.lambda_.execution.log_stream import LogStream
from sagehen.services.lambda_.execution.platform_events import LEVELS, PlatformEvent
from sagehen.services.lambda_.execution.telemetry.streams import Source


class JsonLogStream(LogStream):
    """See LogStream. What is below the function's levels is left out of the log, not out of telemetry."""

    _has_text = False

    def _keeps(self, source: Source, line: str) -> bool:
        return source == "extension" or is_kept(line, self._function.application_log_level)

    def _event(self, event: PlatformEvent) -> None:
        super()._event(event)
        if LEVELS.index(event.level) < LEVELS.index(self._function.system_log_level):
            return
        time = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        document = {"time": time, "type": f"platform.{event.kind}", "record": event.record}
        self.line(json.dumps(document, separators=(",", ":"), ensure_ascii=False))
