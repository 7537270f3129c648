"""Describe, Modify and ResetSnapshotAttribute: who else may make volumes of a snapshot.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html
"""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.services.ec2.errors import InvalidParameterValue
from sagehen.services.ec2.resources import sharing
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import SNAPSHOT
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View

_PERMISSION, _CODES = "createVolumePermission", "productCodes"


class Permission:
    """Who may use snapshots.

    Args:
        state: Where they are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("DescribeSnapshotAttribute", access=on("SnapshotId"))
    async def describe(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return who may make volumes of a snapshot; it has no product codes.

        Raises:
            Ec2Error: `InvalidSnapshot.NotFound`. InvalidParameterValue: There is no such attribute.
        """
        attribute = _attribute(request)

        def work(view: View) -> dict[str, Any]:
            row = view.get(SNAPSHOT, request["SnapshotId"])
            if attribute == _CODES:
                return {"SnapshotId": row.id, "ProductCodes": []}
            return {"SnapshotId": row.id, "CreateVolumePermissions": sharing.shown(row.body)}

        return await self.state.read(context.scope, work)

    @action("ModifySnapshotAttribute", access=on("SnapshotId", attributes=("CreateVolumePermission",)))
    async def modify(self, context: RequestContext, request: Request) -> None:
        """Let other accounts make volumes of a snapshot, or no longer.

        Raises:
            Ec2Error: `InvalidSnapshot.NotFound`. InvalidParameterValue, InvalidParameterCombination.
        """
        if request.get("Attribute") not in (None, _PERMISSION):
            raise InvalidParameterValue("Only createVolumePermission can be modified.")

        def work(view: View) -> None:
            row = view.get(SNAPSHOT, request["SnapshotId"])
            sharing.changed(row.body, request, "CreateVolumePermission", "GroupNames")
            view.save(row)

        await self.state.change(context.scope, request, work)

    @action("ResetSnapshotAttribute", access=on("SnapshotId", attributes=("Attribute",)))
    async def reset(self, context: RequestContext, request: Request) -> None:
        """Let nobody else make volumes of a snapshot.

        Raises:
            Ec2Error: `InvalidSnapshot.NotFound`. InvalidParameterValue: There is no such attribute.
        """
        if _attribute(request) != _PERMISSION:
            raise InvalidParameterValue("Only createVolumePermission can be reset.")

        def work(view: View) -> None:
            row = view.get(SNAPSHOT, request["SnapshotId"])
            sharing.reset(row.body)
            view.save(row)

        await self.state.change(context.scope, request, work)


def _attribute(request: Request) -> str:
    attribute = str(request.get("Attribute") or "")
    if attribute not in (_PERMISSION, _CODES):
        raise InvalidParameterValue(f"Value ({attribute[:64]}) for parameter attribute is invalid.")
    return attribute
