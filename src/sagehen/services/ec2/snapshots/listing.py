"""DescribeSnapshots.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html
"""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.kinds import SNAPSHOT
from sagehen.services.ec2.resources.listing import check_page, page
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.sharing import ALL, all_usable, usable
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View

_FILTERS = {
    "description": "Description",
    "encrypted": "Encrypted",
    "owner-alias": "OwnerAlias",
    "owner-id": "OwnerId",
    "progress": "Progress",
    "snapshot-id": "SnapshotId",
    "start-time": "StartTime",
    "status": "State",
    "storage-tier": "StorageTier",
    "volume-id": "VolumeId",
    "volume-size": "VolumeSize",
}
_ALIASES = ("amazon",)


class Listing:
    """What snapshots there are.

    Args:
        state: Where they are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("DescribeSnapshots")
    async def describe_snapshots(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of snapshots: one's own, and those that others share.

        Raises:
            Ec2Error: `InvalidSnapshot.NotFound`, `InvalidSnapshotID.Malformed`, `InvalidUserID.Malformed`.
            InvalidParameterValue, InvalidParameterCombination, InvalidNextToken, FilterLimitExceeded.
        """
        check_page(request, "SnapshotIds")
        account = context.scope.account_id
        owners = [_user(text, account) for text in request.get("OwnerIds") or ()]
        restorers = [_user(text, account) for text in request.get("RestorableByUserIds") or ()]

        def work(view: View) -> Reply:
            if named := request.get("SnapshotIds"):
                found = [usable(view, SNAPSHOT, identifier) for identifier in dict.fromkeys(named)]
            else:
                found = all_usable(view, SNAPSHOT)
            found = [
                row
                for row in found
                if (not owners or row.body["OwnerId"] in owners)
                and (not restorers or any(_restorable(row, user) for user in restorers))
            ]
            described = [{**row.shown(), "": row.number} for row in sorted(found, key=lambda row: row.number)]
            for item, row in zip(described, sorted(found, key=lambda row: row.number), strict=True):
                if row.scope.account_id != account:
                    item["Tags"] = []  # documented: tags are the owner's alone
            return page(
                select(described, request.get("Filters"), _FILTERS), request, "Snapshots", "snapshots"
            )

        return await self.state.read(context.scope, work)


def _restorable(row: Resource, user: str) -> bool:
    return user in (row.body["OwnerId"], *(row.body.get("sharedWith") or ())) and (
        user != ALL or ALL in row.body["sharedWith"]
    )


def _user(text: str, account: str) -> str:
    if text == "self":
        return account
    if text not in (*_ALIASES, ALL) and not (text.isascii() and text.isdigit() and len(text) == 12):
        raise Ec2Error("InvalidUserID.Malformed", f'Invalid user id: "{text[:64]}"')
    return text
