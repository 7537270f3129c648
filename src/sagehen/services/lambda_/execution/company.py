"""Company: what runs beside a runtime in one life of it, and all that it may ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from sagehen.domain.ids import Ids
from sagehen.executors.base import ExitStatus
from sagehen.services.lambda_.execution.contract import FunctionVersion, Invocation
from sagehen.services.lambda_.execution.extensions.api import ExtensionsApi
from sagehen.services.lambda_.execution.extensions.events import Reason, invoke_event, shutdown_event
from sagehen.services.lambda_.execution.extensions.registry import Deliver, Registry
from sagehen.services.lambda_.execution.extensions.supervision import Supervision
from sagehen.services.lambda_.execution.replies import Reply, refused
from sagehen.services.lambda_.execution.telemetry.streams import Streams
from sagehen.services.lambda_.execution.telemetry.subscription import Api

PREFIXES = ("/2020-01-01/extension/", "/2022-07-01/telemetry", "/2020-08-15/logs", "/sagehen/")
_SUBSCRIPTIONS: Mapping[str, Api] = {
    "PUT /2022-07-01/telemetry": "telemetry",
    "PUT /2022-07-01/telemetry/": "telemetry",
    "PUT /2020-08-15/logs": "logs",
    "PUT /2020-08-15/logs/": "logs",
}
# What comes by these doors is small.
_MOST_BODY_BYTES = 65_536


class Company:
    """Extensions and telemetry, as the Runtime API and the runtime's process know them.

    Args:
        function: Whose they are.
        external: Names of the extensions that are started beside the runtime.
        ids: Draws identifiers.
        streams: The telemetry.
        on_runtime_end: Told how a runtime ended that is not the sandbox's first process.
    """

    def __init__(
        self, function: FunctionVersion, external: Sequence[str], ids: Ids, streams: Streams
    ) -> None:
        self.registry = Registry(external, ids.uuid)
        self.streams = streams
        self.on_runtime_end: Callable[[ExitStatus], None] = _nothing
        self._ids = ids
        self._api = ExtensionsApi(function, self.registry)
        self._supervision = Supervision(self.registry, self._runtime_ended) if external else None

    def asked(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        connection: object,
        deliver: Deliver,
    ) -> Reply | None:
        """Return the answer to a request below PREFIXES, or None where it comes later, by `deliver`."""
        if len(body) > _MOST_BODY_BYTES:
            return refused("RequestEntityTooLarge", "The request is too large", 413)
        if path.startswith("/sagehen/"):
            if self._supervision is None:
                return refused("NotFound", f"No such path: {path}", 404)
            return self._supervision.asked(f"{method} {path.removeprefix('/sagehen/')}", body, deliver)
        api = _SUBSCRIPTIONS.get(f"{method} {path}")
        if api is not None:
            found = self._api.identified(headers)
            return found if isinstance(found, Reply) else self.streams.subscribe(api, found.name, body)
        what = f"{method} {path.removeprefix('/2020-01-01/extension/')}"
        return self._api.asked(what, headers, body, connection, deliver)

    def invoke(self, invocation: Invocation, deadline_ms: int, trace_id: str) -> asyncio.Future[None] | None:
        """See `Registry.invoke`."""
        return self.registry.invoke(lambda: invoke_event(invocation, deadline_ms, trace_id, self._ids.uuid()))

    def begin_shutdown(self, reason: Reason, within_s: float) -> None:
        """Have everybody told once the runtime is over."""
        self.streams.flush()
        deadline_ms = int((time.time() + within_s) * 1000)
        if self._supervision is not None:
            self._supervision.begin_shutdown(lambda: shutdown_event(reason, deadline_ms, self._ids.uuid()))

    def _runtime_ended(self, status: ExitStatus) -> None:
        self.streams.flush()
        self.on_runtime_end(status)


def _nothing(_: ExitStatus) -> None:
    return None
