"""The SQL of layers. A deleted version keeps its row as long as functions go on using its package."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.code.store import Package
from sagehen.services.lambda_.names import LayerReference
from sagehen.services.lambda_.statements import Statement
from sagehen.services.lambda_.storage.quota import CodeQuota
from sagehen.services.lambda_.storage.rows import OF_NAME, key, moment
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Row, Transaction

_ONE = f"SELECT * FROM lambda_layer_versions {OF_NAME} AND version = ? AND deleted = 0"
# Versions read together: some kB each, with a policy of 20 kB at the most.
_BITE = 100
_BEYOND_VERSIONS = 2**62
# `deleted`: 1, and 2 where a sweep has found no function that uses it.
_UNUSED = (
    "code_sha NOT IN (SELECT json_extract(layer.value, '$.Sha')"
    " FROM lambda_versions v, json_each(v.configuration, '$.Layers') layer)"
)


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One version of a layer.

    Args:
        reference: With its version.
        details: PublishLayerVersion's members beside the content.
        statements: Its policy.
    """

    reference: LayerReference
    created_at: datetime
    package: Package
    details: Mapping[str, Any] = field(repr=False)
    revision_id: str = ""
    statements: Sequence[Statement] = ()


class LayerRecords:
    """Reads and writes of layers and their policies."""

    def __init__(self, tables: Tables, quota: CodeQuota) -> None:
        self._tables = tables
        self._database = tables.database
        self._quota = quota

    def get(self, reference: LayerReference) -> LayerVersion | None:
        """Return one version; None where it is not there, or deleted."""
        row = self._database.one(_ONE, (*key(reference), reference.version))
        return None if row is None else _layer_of(row)

    def walk(
        self, scope: Scope, *, layer: str | None = None, after: tuple[str, int] | None = None
    ) -> Iterator[LayerVersion]:
        """Yield the versions of every layer, or of one, by name and newest first, read in bites.

        Args:
            after: Name and version of the last one seen.
        """
        name, version = after or (layer or "", _BEYOND_VERSIONS)
        # x'', a blob, is greater than any text.
        while True:
            rows = self._database.all(
                "SELECT * FROM lambda_layer_versions WHERE account_id = :account AND region = :region"
                " AND deleted = 0 AND name BETWEEN :name AND ifnull(:layer, x'')"
                " AND (name > :name OR version < :version)"
                f" ORDER BY name, version DESC LIMIT {_BITE}",
                {
                    "account": scope.account_id,
                    "region": scope.region,
                    "layer": layer,
                    "name": name,
                    "version": version,
                },
            )
            yield from map(_layer_of, rows)
            if len(rows) < _BITE:
                return
            name, version = rows[-1]["name"], rows[-1]["version"]

    async def publish(self, make: Callable[[int], LayerVersion], reference: LayerReference) -> LayerVersion:
        """Store what `make` returns for the layer's next number, which is never used again."""

        def work(tx: Transaction) -> LayerVersion:
            tx.execute(
                "INSERT INTO lambda_layers VALUES (?, ?, ?, 2) ON CONFLICT DO UPDATE"
                " SET next_version = next_version + 1",
                key(reference),
            )
            row = tx.execute(
                f"SELECT next_version - 1 AS version FROM lambda_layers {OF_NAME}",
                key(reference),
            ).fetchone()
            layer = make(row["version"])
            tx.execute(
                "INSERT INTO lambda_layer_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '[]', 0)",
                (
                    *key(reference),
                    row["version"],
                    layer.created_at.timestamp(),
                    layer.package.sha,
                    layer.package.size,
                    layer.package.unzipped_size,
                    json.dumps(dict(layer.details)),
                    layer.revision_id,
                ),
            )
            return layer

        return await self._quota.change(reference.scope, work)

    async def delete(self, reference: LayerReference) -> None:
        """Delete a version, of which functions go on using the package (documented); one not there is no
        fault."""
        await self._tables.change(
            lambda tx: tx.execute(
                f"UPDATE lambda_layer_versions SET deleted = 1, statements = '[]' {OF_NAME} AND version = ?",
                (*key(reference), reference.version),
            )
        )

    async def sweep(self) -> int:
        """Forget deleted versions that two sweeps in a row have found unused; return how many.

        A function that is just being created may have looked a version up before it was deleted. The row in
        `lambda_layers` stays: AWS gives no number out twice.
        """
        if self._database.one("SELECT 1 FROM lambda_layer_versions WHERE deleted > 0 LIMIT 1") is None:
            return 0

        def work(tx: Transaction) -> int:
            gone = tx.execute(f"DELETE FROM lambda_layer_versions WHERE deleted = 2 AND {_UNUSED}").rowcount
            tx.execute(f"UPDATE lambda_layer_versions SET deleted = 2 WHERE deleted = 1 AND {_UNUSED}")
            return gone

        return await self._tables.change(work)

    async def change_policy(
        self,
        reference: LayerReference,
        revision_id: str,
        change: Callable[[LayerVersion | None], Sequence[Statement]],
    ) -> None:
        """Replace a version's policy by what `change` returns."""

        def work(tx: Transaction) -> None:
            full = (*key(reference), reference.version)
            row = tx.execute(_ONE, full).fetchone()
            statements = change(None if row is None else _layer_of(row))
            tx.execute(
                f"UPDATE lambda_layer_versions SET statements = ?, revision_id = ? {OF_NAME} AND version = ?",
                (json.dumps(list(statements)), revision_id, *full),
            )

        await self._tables.change(work)


def _layer_of(row: Row) -> LayerVersion:
    return LayerVersion(
        LayerReference(Scope(row["account_id"], row["region"]), row["name"], row["version"]),
        moment(row["created_at"]),
        Package(row["code_sha"], row["code_size"], row["unzipped_size"]),
        json.loads(row["document"]),
        row["revision_id"],
        json.loads(row["statements"]),
    )
