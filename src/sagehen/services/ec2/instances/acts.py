"""The operator's acts on machines.

`sagehen interrupt i-…` takes a Spot machine back, as AWS does when it needs the capacity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.instances.life.interruption import announce
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.resources.kinds import INSTANCE
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.spot import requests as spot


class InstanceActs:
    """The operator's acts on machines; see `domain.ports.calls.operator_acts`.

    Args:
        parts: What operations on instances share.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def interrupt(self, scope: Scope, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Tell a Spot machine that it ends in two minutes.

        Args:
            request: `InstanceId`.

        Returns:
            `Time`: when, ISO 8601.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `IncorrectInstanceState`, `UnsupportedOperation`: it is
                no Spot machine.
        """
        identifier = request.get("InstanceId")

        def work(view: View) -> str:
            row = view.get(INSTANCE, identifier if isinstance(identifier, str) else "")
            if not row.body.get("InstanceLifecycle"):
                raise Ec2Error("UnsupportedOperation", f"The instance '{row.id}' is not a Spot Instance.")
            if states.name_of(row.body) != "running":
                raise Ec2Error(
                    "IncorrectInstanceState", f"The instance '{row.id}' is not in the 'running' state."
                )
            announce(row.body, self._parts.clock.now())
            view.save(row)
            spot.marked(view, row, self._parts.clock.now())
            return str(row.body["spotAction"])

        at = await self._parts.state.change(scope, {}, work)
        self._parts.watch(scope, str(identifier))
        return {"InstanceId": identifier, "Time": at}
