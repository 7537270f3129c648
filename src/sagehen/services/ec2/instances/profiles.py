"""Associations of instance profiles with machines.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIamInstanceProfile.html and its
neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.domain.access import Access
from sagehen.services.ec2.errors import Ec2Error, MissingParameter
from sagehen.services.ec2.instances.launch.admission import profile_of
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.resources.access import Owner, on, on_resource
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.kinds import INSTANCE
from sagehen.services.ec2.resources.listing import check_page, page
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View

_FILTERS = {"instance-id": "InstanceId", "state": "State"}
_LIVE = ("pending", "running", "stopping", "stopped")


def _on_its_instance(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the action on the machine that an association is of; on anything where there is none."""
    name, identifier = f"ec2:{context.operation}", request.get("AssociationId")
    for row in owner.state.view(context.scope).all(INSTANCE):
        if identifier and row.body.get("profileAssociation") == identifier:
            yield on_resource(context.scope, name, INSTANCE, row.id, row)
            return
    yield Access(name, "*", {"ec2:Region": context.scope.region})


class ProfileAssociations:
    """Which profile a machine has.

    Args:
        parts: What operations on instances share.
    """

    def __init__(self, parts: Parts) -> None:
        self.state = parts.state
        self._parts = parts

    @action("DescribeIamInstanceProfileAssociations")
    async def describe(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of associations.

        Raises:
            Ec2Error: `InvalidAssociationID.NotFound`.
            InvalidParameterValue, InvalidParameterCombination, InvalidNextToken.
        """
        check_page(request, "AssociationIds")

        def work(view: View) -> Reply:
            rows = [row for row in view.all(INSTANCE) if row.body.get("profileAssociation")]
            if wanted := request.get("AssociationIds"):
                rows = [_associated(view, identifier) for identifier in dict.fromkeys(wanted)]
            shown = select(
                [{**_shown(row), "": row.number} for row in rows], request.get("Filters"), _FILTERS
            )
            return page(shown, request, "IamInstanceProfileAssociations", "profile-associations")

        return await self.state.read(context.scope, work)

    @action("AssociateIamInstanceProfile", access=on("InstanceId"))
    async def associate(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Give a profile to a machine that has none.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `IncorrectState`, `InvalidParameterValue`.
            AccessDenied: The profile's role may not be passed.
        """

        def find(view: View) -> Resource:
            row = view.get(INSTANCE, request["InstanceId"])
            if row.body.get("profileAssociation"):
                raise Ec2Error("IncorrectState", f"There is an existing association for instance {row.id}")
            return row

        return await self._give(context, request, find)

    @action("ReplaceIamInstanceProfileAssociation", access=_on_its_instance)
    async def replace(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Give another profile to a machine that has one. Raises as `associate`."""
        return await self._give(context, request, lambda view: _associated(view, request["AssociationId"]))

    @action("DisassociateIamInstanceProfile", access=_on_its_instance)
    async def disassociate(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Take a machine's profile away; its metadata hand out no credentials any more.

        Raises:
            Ec2Error: `InvalidAssociationID.NotFound`.
        """

        def work(view: View) -> tuple[str, Body]:
            row = _associated(view, request["AssociationId"])
            shown = {**_shown(row), "State": "disassociating"}
            for member in ("IamInstanceProfile", "profileName", "profileAssociation"):
                row.body.pop(member, None)
            view.save(row)
            return row.id, shown

        instance_id, shown = await self.state.change(context.scope, request, work)
        self._parts.watch(context.scope, instance_id)
        return {"IamInstanceProfileAssociation": shown}

    async def _give(self, context: RequestContext, request: Request, find: Any) -> dict[str, Any]:
        profile = profile_of(request, context, self._parts.needed())
        if profile is None:
            raise MissingParameter("IamInstanceProfile")

        def work(view: View) -> tuple[str, Body]:
            row = find(view)
            if states.name_of(row.body) not in _LIVE:
                raise Ec2Error(
                    "IncorrectInstanceState",
                    f"The instance '{row.id}' is not in the 'running' or 'stopped' states.",
                )
            row.body["IamInstanceProfile"] = {"Arn": profile.arn, "Id": profile.id}
            row.body["profileName"] = profile.name
            row.body["profileAssociation"] = view.draw("iip-assoc")
            view.save(row)
            return row.id, _shown(row)

        instance_id, shown = await self.state.change(context.scope, request, work)
        self._parts.watch(context.scope, instance_id)
        return {"IamInstanceProfileAssociation": shown}


def _associated(view: View, identifier: str) -> Resource:
    for row in view.all(INSTANCE):
        if row.body.get("profileAssociation") == identifier:
            return row
    raise Ec2Error(
        "InvalidAssociationID.NotFound", f"An invalid association-id of '{identifier[:64]}' was given"
    )


def _shown(row: Resource) -> Body:
    return {
        "AssociationId": row.body["profileAssociation"],
        "InstanceId": row.id,
        "IamInstanceProfile": row.body["IamInstanceProfile"],
        "State": "associated",
    }
