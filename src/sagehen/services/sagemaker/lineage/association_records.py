"""The records of associations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.lineage import errors, rows
from sagehen.services.sagemaker.lineage.records import require_room
from sagehen.services.sagemaker.lineage.rows import Association
from sagehen.services.sagemaker.lineage.schema import ASSOCIATIONS
from sagehen.services.sagemaker.resources.listing import in_order, value_for
from sagehen.services.sagemaker.resources.rows import scope_of
from sagehen.store.database import Database, Row, Transaction

# Documented: Developer Guide, "Manually Create Tracking Entities", Limits.
MOST = 6000
_FILTERS = {
    "SourceArn": "source = ?",
    "DestinationArn": "destination = ?",
    "SourceType": "source_type = ?",
    "DestinationType": "destination_type = ?",
    "AssociationType": "type = ?",
    "CreatedAfter": "created_at >= ?",
    "CreatedBefore": "created_at <= ?",
}
_COLUMNS = {
    "SourceArn": "source",
    "DestinationArn": "destination",
    "SourceType": "source_type",
    "DestinationType": "destination_type",
    "CreationTime": "created_at",
}
# Two ARNs have at most 512 characters; no ARN has a space.
_BOTH = "source || ' ' || destination"


class AssociationRecords:
    """Reads and writes of associations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, association: Association) -> None:
        """Store one of a client's.

        Raises:
            ValidationException: There is one already.
            ResourceLimitExceeded: There are too many.
        """

        def work(tx: Transaction) -> None:
            require_room(tx, ASSOCIATIONS, association.scope, MOST, "associations")
            if not rows.associate(tx, association):
                raise errors.associated_already(association.source, association.destination)

        await self._database.write(work)

    async def remove(self, scope: Scope, source: str, destination: str) -> None:
        """Forget one.

        Raises:
            ResourceNotFound: There is none.
        """
        values = (scope.account_id, scope.region, source, destination)

        def work(tx: Transaction) -> None:
            if not tx.execute(f"DELETE FROM {ASSOCIATIONS} WHERE {rows.EDGE}", values).rowcount:
                raise errors.no_association(source, destination)

        await self._database.write(work)

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[Association], str | None]:
        """Return one page, the newest first where the request does not say, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        where, values = ["account_id = ?", "region = ?"], [scope.account_id, scope.region]
        for member, condition in _FILTERS.items():
            if (value := request.get(member)) is not None:
                where.append(condition)
                values.append(value_for(value, condition))
        column = _COLUMNS[request.get("SortBy") or "CreationTime"]
        found, token = in_order(
            self._database,
            f"SELECT * FROM (SELECT *, {_BOTH} AS both FROM {ASSOCIATIONS})",
            where,
            values,
            request,
            order=(column, "both"),
            kinds=(float if column == "created_at" else str, str),
            ascending=request.get("SortOrder") == "Ascending",
            listing=ASSOCIATIONS,
        )
        return [_read(row) for row in found], token

    def of(self, scope: Scope, arns: Sequence[str], end: str, most: int) -> list[Association]:
        """Return associations that begin, or end, at one of several.

        Args:
            end: `source` or `destination`.
        """
        holes = ", ".join("?" * len(arns))
        found = self._database.all(
            f"SELECT * FROM {ASSOCIATIONS} WHERE account_id = ? AND region = ? AND {end} IN ({holes})"
            f" ORDER BY {end} LIMIT ?",
            (scope.account_id, scope.region, *arns, most),
        )
        return [_read(row) for row in found]


def _read(row: Row) -> Association:
    return Association(
        scope_of(row), row["source"], row["destination"], row["source_type"], row["destination_type"],
        row["type"], row["created_at"], bool(row["automatic"]), json.loads(row["created_by"]),
    )  # fmt: skip
