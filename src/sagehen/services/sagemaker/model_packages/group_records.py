"""The records of model package groups."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.model_packages import errors, names
from sagehen.services.sagemaker.model_packages.schema import GROUPS, PACKAGES
from sagehen.services.sagemaker.resources.kept_requests import MOST
from sagehen.services.sagemaker.resources.named_records import NamedRecords
from sagehen.services.sagemaker.resources.rows import key, moment, scope_of, to_json
from sagehen.services.sagemaker.tags.records import delete_all_tags
from sagehen.store.database import Database, Row, Transaction

# Whatever the name's case: ARNs carry names lower-cased.
WHERE = "account_id = ? AND region = ? AND lower(name) = lower(?)"


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A model package group.

    Args:
        created_by: A UserContext.
        last_version: Of its packages, the highest that there ever was: numbers are not used twice.
        policy: As the evaluator reads it, or ''.
        policy_text: As it was put.
    """

    scope: Scope
    name: str
    created_at: datetime
    description: str
    created_by: Mapping[str, Any] = field(repr=False)
    last_version: int = 0
    policy: str = ""
    policy_text: str = ""

    @property
    def arn(self) -> str:
        return names.Named(names.GROUP, self.scope, self.name).arn


class GroupRecords(NamedRecords[GroupRecord]):
    """Reads and writes of groups, the oldest first (documented: ListModelPackageGroups)."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            GROUPS,
            values=_values,
            read=read_group,
            taken=lambda record: errors.group_exists(record.arn),
            order="Ascending",
            most=MOST,
            quota="Total number of model package groups",
        )

    def of(self, named: names.Named) -> GroupRecord | None:
        """Return a group, whatever the case of its name."""
        row = self._database.one(f"SELECT * FROM {GROUPS} WHERE {WHERE}", key(named.scope, named.name))
        return read_group(row) if row else None

    def require(self, named: names.Named) -> GroupRecord:
        """Return a group.

        Raises:
            ValidationException: There is none.
        """
        if (record := self.of(named)) is None:
            raise errors.no_such_group(named.arn)
        return record

    async def put_policy(self, group: GroupRecord, policy: str, text: str) -> bool:
        """Set a group's policy, or remove it with two empty texts; return whether the group is there."""
        changed = await self.change(
            group.scope, group.name, lambda now: replace(now, policy=policy, policy_text=text)
        )
        return changed is not None

    async def delete(self, named: names.Named) -> None:
        """Forget an empty group and its tags.

        Raises:
            ValidationException: There is none.
            ConflictException: It has versions.
        """

        def work(tx: Transaction) -> None:
            row = tx.execute(f"SELECT * FROM {GROUPS} WHERE {WHERE}", key(named.scope, named.name)).fetchone()
            if row is None:
                raise errors.no_such_group(named.arn)
            held = tx.execute(
                f"SELECT 1 FROM {PACKAGES} WHERE account_id = ? AND region = ? AND lower(label) = lower(?)"
                " AND version > 0 LIMIT 1",
                key(named.scope, named.name),
            ).fetchone()
            if held is not None:
                raise errors.group_not_empty(named.arn)
            tx.execute(f"DELETE FROM {GROUPS} WHERE {WHERE}", key(named.scope, named.name))
            delete_all_tags(tx, named.arn)

        await self._database.write(work)


def read_group(row: Row) -> GroupRecord:
    """Return the record of a row."""
    return GroupRecord(
        scope_of(row),
        row["name"],
        moment(row["created_at"]),
        row["description"],
        json.loads(row["created_by"]),
        row["last_version"],
        row["policy"],
        row["policy_text"],
    )


def _values(record: GroupRecord) -> tuple[str | float, ...]:
    return (
        *key(record.scope, record.name), record.created_at.timestamp(), record.description,
        to_json(record.created_by), record.last_version, record.policy, record.policy_text,
    )  # fmt: skip
