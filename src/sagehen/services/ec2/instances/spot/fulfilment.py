"""Fulfilment: starts machines for Spot requests that are open, as soon as they can be had."""

from __future__ import annotations

import asyncio

from sagehen.api.errors import ServiceError
from sagehen.domain.background import Rounds
from sagehen.domain.scope import Scope
from sagehen.services.ec2.instances.launch.transaction import launched
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.resources.kinds import SPOT_REQUEST
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.spot import requests as spot

_PAUSE_S = 5.0
# What a machine is refused for -> what its request waits for.
_WAITS = {
    "SpotMaxPriceTooLow": "price-too-low",
    "InsufficientInstanceCapacity": "capacity-not-available",
    "InstanceLimitExceeded": "limit-exceeded",
}


class Fulfilment:
    """Looks at open requests again and again.

    Args:
        parts: What operations on instances share.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._wake = asyncio.Event()
        self.rounds = Rounds(
            "spot-requests",
            self.evaluate,
            parts.clock,
            _PAUSE_S,
            tale="fulfilling Spot requests",
            wake=self._wake,
        )

    def poke(self) -> None:
        """There is a new one."""
        self._wake.set()

    async def evaluate(self) -> None:
        """Evaluate all that are open; forget those that ended hours ago."""
        state = self._parts.state
        if not state.view(Scope("", "")).everywhere(SPOT_REQUEST, "State"):
            return
        for scope in state.scopes():
            rows = state.view(scope).all(SPOT_REQUEST)
            for row in rows:
                if row.body["State"] == spot.OPEN:
                    await self._evaluate(scope, row.id)
            if any(row.body["State"] in spot.OVER for row in rows):
                await state.change(scope, {}, self._forget, quiet=True)

    def _forget(self, view: View) -> None:
        spot.forget(view, self._parts.clock.now())

    async def _evaluate(self, scope: Scope, identifier: str) -> None:
        try:
            instance_id = await self._parts.state.change(
                scope, {}, lambda view: self._fulfil(view, identifier), quiet=True
            )
        except ServiceError as error:
            code = _WAITS.get(error.code)
            await self._note(scope, identifier, code or "bad-parameters", error if code is None else None)
            return
        if instance_id:
            self._parts.watch(scope, instance_id)

    def _fulfil(self, view: View, identifier: str) -> str:
        """Make the machine's row; '' where it is not the time, or the request was cancelled."""
        now, row = self._parts.clock.now(), view.find(SPOT_REQUEST, identifier)
        if row is None or row.body["State"] != spot.OPEN:
            return ""
        if code := spot.due(row.body, now):
            if code != row.body["Status"]["Code"]:
                ended = code == "schedule-expired"
                spot.enter(row.body, spot.CLOSED if ended else spot.OPEN, code, now)
                view.save(row)
            return ""
        asked, name = row.body["asked"], row.body["profileName"]
        profile = self._parts.needed().profiles.find(view.scope.account_id, name) if name else None
        [instance] = launched(self._parts, view, asked, row.body["image"], profile, now)
        spot.fulfilled(view, row, instance, now)
        return instance.id

    async def _note(self, scope: Scope, identifier: str, code: str, fault: ServiceError | None) -> None:
        """Write down why it is not fulfilled; what never can be has failed."""
        now = self._parts.clock.now()

        def work(view: View) -> None:
            row = view.find(SPOT_REQUEST, identifier)
            if row is None or row.body["State"] != spot.OPEN:
                return
            if fault is not None:
                row.body["Fault"] = {"Code": fault.code, "Message": fault.message}
                spot.enter(row.body, spot.FAILED, code, now)
            else:
                spot.enter(row.body, spot.OPEN, code, now)
            view.save(row)

        row = self._parts.state.view(scope).find(SPOT_REQUEST, identifier)
        if row is not None and row.body["Status"]["Code"] != code:
            await self._parts.state.change(scope, {}, work, quiet=True)
