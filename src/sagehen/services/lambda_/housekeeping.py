"""Housekeeping: what happens as time passes. Idle environments end, code that nobody needs goes,
provisioned concurrency that failed is tried again, and its use is measured."""

from __future__ import annotations

import logging
import sqlite3

from sagehen.domain.background import Rounds
from sagehen.services.lambda_.code.assembly import CodeRoom
from sagehen.services.lambda_.concurrency.assembly import ConcurrencyRoom
from sagehen.services.lambda_.invocations.assembly import InvocationRoom
from sagehen.services.lambda_.layers.records import LayerRecords
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.storage.quota import CodeQuota

_log = logging.getLogger(__name__)

# Seconds of the clock between two rounds: provisioned concurrency has a datum a minute on AWS.
_ROUND_S = 30.0
_SWEEP_EVERY = 10


class Housekeeping:
    """Makes its rounds while the service runs."""

    def __init__(
        self,
        premises: Premises,
        quota: CodeQuota,
        layers: LayerRecords,
        code: CodeRoom,
        invocations: InvocationRoom,
        concurrency: ConcurrencyRoom,
    ) -> None:
        self._quota = quota
        self._layers = layers
        self._store = code.store
        self._dispatch = invocations.dispatch
        self._metrics = invocations.metrics
        self._provisioning = concurrency.provisioning
        self._clock = premises.clock
        self._idle_s = premises.idle_s
        self._count = 0
        self._rounds = Rounds(
            "lambda housekeeping",
            self._round,
            self._clock,
            min(_ROUND_S, self._idle_s / 2),
            tale="housekeeping of functions",
        )

    def start(self) -> None:
        """Begin; the first round removes what an earlier life left."""
        self._count = 0
        self._rounds.start()

    async def stop(self) -> None:
        """End between two steps; nothing is lost by it."""
        await self._rounds.stop()

    async def _round(self) -> None:
        count, self._count = self._count, self._count + 1
        if count > 0:  # at the start nothing has been idle, and nothing has failed
            self._dispatch.expire(self._idle_s)
            self._provisioning.retry_failed()
            self._metrics.provisioned(self._provisioning)
        if count % _SWEEP_EVERY == 0:
            await self._sweep()

    async def _sweep(self) -> None:
        running = [environment.function for environment in self._dispatch.environments()]
        in_use = {folder.name for one in running for folder in (one.code_folder, *one.layer_folders)}
        try:
            await self._layers.sweep()
            await self._store.sweep(self._quota.needed(), in_use)
        except (OSError, sqlite3.Error) as error:
            _log.warning("code that nobody needs could not be removed: %s", error)
