"""The records of model packages: numbered within their groups, found by their ARNs' ends, listed in pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.services.sagemaker.model_packages import errors, names
from sagehen.services.sagemaker.model_packages.group_records import WHERE
from sagehen.services.sagemaker.model_packages.lineage import PackageLineage
from sagehen.services.sagemaker.model_packages.package import PackageRecord
from sagehen.services.sagemaker.model_packages.schema import GROUPS, PACKAGES
from sagehen.services.sagemaker.resources.listing import in_order, value_for
from sagehen.services.sagemaker.resources.rows import KEY, bounded_json, key, moment, require_room, scope_of
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.store.database import Database, Row, Transaction

# Of an account in a region. Ours: AWS names no quota of them; each may have some 100 kB.
MOST = 20_000
_COLUMNS = 11

_FILTERS = {
    "CreationTimeAfter": "created_at >= ?",
    "CreationTimeBefore": "created_at <= ?",
    "NameContains": r"label LIKE '%' || ? || '%' ESCAPE '\'",
    "ModelApprovalStatus": "approval = ?",
}
_TYPES = {"Versioned": "version > 0", "Unversioned": "version = 0"}


class PackageRecords:
    """Reads and writes of packages.

    Args:
        lineage: Records them in lineage.
    """

    def __init__(self, database: Database, lineage: PackageLineage | None = None) -> None:
        self._database = database
        self._lineage = lineage

    def of(self, named: names.Named) -> PackageRecord | None:
        """Return a package, or None."""
        row = self._database.one(
            f"SELECT * FROM {PACKAGES} WHERE {KEY}", key(named.scope, named.name.lower())
        )
        return _read(row) if row else None

    def require(self, named: names.Named) -> PackageRecord:
        """Return a package.

        Raises:
            ValidationException: There is none.
        """
        if (record := self.of(named)) is None:
            raise errors.no_such_package(named.arn)
        return record

    async def add(self, record: PackageRecord, tags: Sequence[Mapping[str, str]] = ()) -> PackageRecord:
        """Store a package of a name of its own; returns the one that its client token made before.

        Raises:
            ValidationException: The name is taken.
            ConflictException: The token made another.
            ResourceLimitExceeded: There are too many.
        """

        def work(tx: Transaction) -> PackageRecord:
            if (before := _made_before(tx, record)) is not None:
                return before
            _insert(tx, record)
            insert_tags(tx, record.arn, tags)
            if self._lineage is not None:
                self._lineage.added(tx, record)
            return record

        return await self._database.write(work)

    async def add_version(self, group: names.Named, record: PackageRecord) -> PackageRecord:
        """Store the next version of a group, which gives it its number; otherwise as `add`.

        Raises:
            ValidationException: There is no such group (any more).
        """

        def work(tx: Transaction) -> PackageRecord:
            if (before := _made_before(tx, record)) is not None:
                return before
            of_group = key(group.scope, group.name)
            row = tx.execute(f"SELECT name, last_version FROM {GROUPS} WHERE {WHERE}", of_group).fetchone()
            if row is None:
                raise errors.no_such_group(group.arn)
            numbered = replace(record, label=row["name"], version=row["last_version"] + 1)
            tx.execute(f"UPDATE {GROUPS} SET last_version = last_version + 1 WHERE {WHERE}", of_group)
            _insert(tx, numbered)
            if self._lineage is not None:
                self._lineage.added(tx, numbered)
            return numbered

        return await self._database.write(work)

    async def change(self, named: names.Named, change: Callable[[PackageRecord], PackageRecord]) -> None:
        """Replace a package by what `change` makes of it, in one transaction.

        Raises:
            ValidationException: There is none; or whatever `change` raises.
        """

        def work(tx: Transaction) -> None:
            row = tx.execute(
                f"SELECT * FROM {PACKAGES} WHERE {KEY}", key(named.scope, named.name.lower())
            ).fetchone()
            if row is None:
                raise errors.no_such_package(named.arn)
            before = _read(row)
            after = change(before)
            values = _values(after)
            tx.execute(f"REPLACE INTO {PACKAGES} VALUES ({', '.join('?' * len(values))})", values)
            if self._lineage is not None:
                self._lineage.changed(tx, before, after)

        await self._database.write(work)

    async def delete(self, named: names.Named) -> None:
        """Forget a package and its tags.

        Raises:
            ValidationException: There is none.
        """

        def work(tx: Transaction) -> None:
            deleted = tx.execute(f"DELETE FROM {PACKAGES} WHERE {KEY}", key(named.scope, named.name.lower()))
            if not deleted.rowcount:
                raise errors.no_such_package(named.arn)
            delete_all_tags(tx, named.arn)

        await self._database.write(work)

    def page(
        self, group: names.Named, request: Mapping[str, Any], kind: str
    ) -> tuple[list[PackageRecord], str | None]:
        """Return one page, the oldest first where the request does not say, and the next token.

        Args:
            group: Whose versions, or whose account's packages where it has no name.
            kind: `Versioned`, `Unversioned` or `Both`.

        Raises:
            ValidationException: The token is not one of ours.
        """
        where, values = ["account_id = ?", "region = ?"], [group.scope.account_id, group.scope.region]
        if group.name:
            where.append("lower(label) = lower(?)")
            values.append(group.name)
        if kind in _TYPES:
            where.append(_TYPES[kind])
        for member, condition in _FILTERS.items():
            if (value := request.get(member)) is not None:
                where.append(condition)
                values.append(value_for(value, condition))
        by_name = request.get("SortBy") == "Name"
        rows, token = in_order(
            self._database,
            f"SELECT * FROM {PACKAGES}",
            where,
            values,
            request,
            order=("label", "version") if by_name else ("created_at", "name"),
            kinds=(str, int) if by_name else (float, str),
            ascending=request.get("SortOrder", "Ascending") == "Ascending",
            listing=f"{PACKAGES} {group.arn} {kind}",
        )
        return [_read(row) for row in rows], token


def _made_before(tx: Transaction, record: PackageRecord) -> PackageRecord | None:
    if not record.client_token:
        return None
    row = tx.execute(
        f"SELECT * FROM {PACKAGES} WHERE account_id = ? AND region = ? AND client_token = ?",
        key(record.scope, record.client_token),
    ).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != record.fingerprint:
        raise errors.token_used()
    return _read(row)


def _insert(tx: Transaction, record: PackageRecord) -> None:
    require_room(tx, PACKAGES, record.scope, MOST, "Total number of model packages")
    holes = ", ".join("?" * _COLUMNS)
    added = tx.execute(f"INSERT OR IGNORE INTO {PACKAGES} VALUES ({holes})", _values(record)).rowcount
    if not added:
        raise errors.package_exists(record.arn)


def _values(record: PackageRecord) -> tuple[str | float, ...]:
    return (
        *key(record.scope, record.name), record.label, record.version,
        record.created_at.timestamp(), record.modified_at.timestamp(), record.approval,
        record.client_token, record.fingerprint, bounded_json(record.members, "ModelPackage"),
    )  # fmt: skip


def _read(row: Row) -> PackageRecord:
    return PackageRecord(
        scope_of(row), row["label"], row["version"],
        moment(row["created_at"]), moment(row["modified_at"]), json.loads(row["members"]),
        row["client_token"], row["fingerprint"],
    )  # fmt: skip
