"""The records of artifacts, actions and contexts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.lineage import errors, rows
from sagehen.services.sagemaker.lineage.entity import KINDS, Entity, Kind
from sagehen.services.sagemaker.lineage.schema import ASSOCIATIONS
from sagehen.services.sagemaker.resources.errors import limit_exceeded
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import key
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.store.database import Database, Transaction

_FILTERS = {
    "CreatedAfter": "created_at >= ?",
    "CreatedBefore": "created_at <= ?",
    "SourceUri": "source_uri = ?",
}


class LineageRecords:
    """Reads and writes of all three kinds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, kind: Kind, scope: Scope, name: str) -> Entity | None:
        """Return one by its name, in any case, or None."""
        row = self._database.one(f"SELECT * FROM {kind.table} WHERE {rows.BY_ARN}", key(scope, name.lower()))
        return rows.read(kind, row) if row else None

    def require(self, kind: Kind, scope: Scope, name: str) -> Entity:
        """Return one.

        Raises:
            ResourceNotFound: There is none.
        """
        if (entity := self.find(kind, scope, name)) is None:
            raise errors.missing(kind, name)
        return entity

    def page(self, kind: Kind, scope: Scope, request: Mapping[str, Any]) -> tuple[list[Entity], str | None]:
        """Return one page, the newest first where the request does not say, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        more = {**_FILTERS, kind.type: "type = ?"}
        found, token = page(self._database, kind.table, scope, request, "Descending", more_filters=more)
        return [rows.read(kind, row) for row in found], token

    async def add(self, entity: Entity, tags: Iterable[Mapping[str, str]]) -> None:
        """Store a new one, of a client.

        Raises:
            ValidationException: There is one already.
            ResourceLimitExceeded: There are too many.
        """
        of_tags = list(tags)

        def work(tx: Transaction) -> None:
            require_room(tx, entity.kind.table, entity.scope, entity.kind.most, f"{entity.kind.resource}s")
            if rows.ensure(tx, entity) is not entity:
                raise errors.taken(entity)
            insert_tags(tx, entity.arn, of_tags)

        await self._database.write(work)

    async def change(self, kind: Kind, scope: Scope, name: str, change: Callable[[Entity], Entity]) -> Entity:
        """Replace one by what `change` makes of it.

        Raises:
            ResourceNotFound: There is none.
        """

        def work(tx: Transaction) -> Entity:
            if (entity := rows.find(tx, kind, scope, name)) is None:
                raise errors.missing(kind, name)
            changed = change(entity)
            row = rows.values(changed)
            tx.execute(f"REPLACE INTO {kind.table} VALUES ({', '.join('?' * len(row))})", row)
            return changed

        return await self._database.write(work)

    async def remove(self, kind: Kind, scope: Scope, name: str) -> Entity:
        """Forget one that is associated with nothing.

        Raises:
            ResourceNotFound: There is none.
            ValidationException: It has associations.
        """

        def work(tx: Transaction) -> Entity:
            if (entity := rows.find(tx, kind, scope, name)) is None:
                raise errors.missing(kind, name)
            found = tx.execute(
                f"SELECT 1 FROM {ASSOCIATIONS} WHERE account_id = ? AND region = ?"
                " AND (source = ? OR destination = ?) LIMIT 1",
                (scope.account_id, scope.region, entity.arn, entity.arn),
            ).fetchone()
            if found is not None:
                raise errors.still_associated(kind, entity.arn)
            tx.execute(f"DELETE FROM {kind.table} WHERE {rows.BY_ARN}", key(scope, name.lower()))
            delete_all_tags(tx, entity.arn)
            return entity

        return await self._database.write(work)

    def tagged(self) -> dict[str, Callable[[Scope, str], bool]]:
        """Return whether there is one of a lower-cased name, by the resource type in its ARN."""

        def exists(kind: Kind) -> Callable[[Scope, str], bool]:
            return lambda scope, name: self.find(kind, scope, name) is not None

        return {kind.resource: exists(kind) for kind in KINDS}


def require_room(tx: Transaction, table: str, scope: Scope, most: int, what: str) -> None:
    """Check, within the transaction that adds one, that clients have made fewer than they may.

    Raises:
        ResourceLimitExceeded
    """
    (count,) = tx.execute(
        f"SELECT count(*) FROM {table} WHERE account_id = ? AND region = ? AND NOT automatic",
        (scope.account_id, scope.region),
    ).fetchone()
    if count >= most:
        raise limit_exceeded(f"Total number of {what}", most, count)
