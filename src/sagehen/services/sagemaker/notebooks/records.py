"""The SQL of notebook instances."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.instances.supply.offer import Offer
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance, Settings
from sagehen.services.sagemaker.notebooks.passes import delete_passes
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import KEY, key, moment, require_room, scope_of
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.store.database import Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_notebook_instances (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, status TEXT NOT NULL,
        label TEXT NOT NULL, lifecycle_config TEXT NOT NULL, default_repository TEXT NOT NULL,
        additional_repositories TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX sagemaker_notebook_instances_by_label
        ON sagemaker_notebook_instances (region, label);
    """,
)
_TABLE = "sagemaker_notebook_instances"
# ListNotebookInstances' own filters, besides those that all listings have.
_FILTERS = {
    "NotebookInstanceLifecycleConfigNameContains": r"lifecycle_config LIKE '%' || ? || '%' ESCAPE '\'",
    "DefaultCodeRepositoryContains": r"default_repository LIKE '%' || ? || '%' ESCAPE '\'",
    "AdditionalCodeRepositoryEquals": (
        "EXISTS (SELECT 1 FROM json_each(additional_repositories) WHERE value = ?)"
    ),
}
# AWS's is an account's quota; this one is ours, of an account and region: each is some 100 MB when it runs.
MOST_INSTANCES = 20
# A label is 63 characters at most (RFC 1035), and so is a name.
_LONGEST_LABEL = 63


class NotebookRecords:
    """Reads and writes of notebook instances.

    Args:
        supply: How many of a type an account may have.
    """

    def __init__(self, database: Database, supply: Supply | None = None) -> None:
        self._database = database
        self._supply = supply or Supply()

    def get(self, scope: Scope, name: str) -> NotebookInstance | None:
        """Return one by its very name, or None."""
        row = self._database.one(f"SELECT * FROM {_TABLE} WHERE {KEY}", key(scope, name))
        return _instance(row) if row else None

    def at(self, region: str, label: str) -> NotebookInstance | None:
        """Return the one that an address means, or None."""
        row = self._database.one(f"SELECT * FROM {_TABLE} WHERE region = ? AND label = ?", (region, label))
        return _instance(row) if row else None

    def all(self) -> list[NotebookInstance]:
        """Return those of every account."""
        return [_instance(row) for row in self._database.all(f"SELECT * FROM {_TABLE}")]

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[NotebookInstance], str | None]:
        """Return one page for ListNotebookInstances, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        # Documented: sorted by Name where it does not say; the order of that is from memory.
        rows, token = page(
            self._database, _TABLE, scope, request, "Ascending", sort_by="Name", more_filters=_FILTERS
        )
        return [_instance(row) for row in rows], token

    def users_of_config(self, scope: Scope, lifecycle_config: str) -> list[str]:
        """Return the ARNs of instances with this lifecycle configuration."""
        rows = self._database.all(
            f"SELECT * FROM {_TABLE} WHERE account_id = ? AND region = ? AND lifecycle_config = ?",
            (scope.account_id, scope.region, lifecycle_config),
        )
        return [_instance(row).arn for row in rows]

    async def add(
        self, instance: NotebookInstance, tags: Sequence[Mapping[str, str]], suffix: str
    ) -> NotebookInstance:
        """Store a new one.

        Args:
            suffix: Four characters, for its label where another account has the name in this region: from
                memory, AWS's host names have such a suffix then.

        Returns:
            It with its label.

        Raises:
            ValidationException: The name is taken, in whatever case: ARNs have lower case alone.
            ResourceLimitExceeded: There are too many, or too many of the type.
        """
        limits = self._limits()

        def insert(tx: Transaction) -> NotebookInstance:
            _require_room(tx, instance)
            _require_quota(tx, limits, instance)
            label = instance.name.lower()
            taken = tx.execute(
                f"SELECT 1 FROM {_TABLE} WHERE region = ? AND label = ?", (instance.scope.region, label)
            ).fetchone()
            if taken:
                label = f"{label[: _LONGEST_LABEL - len(suffix) - 1]}-{suffix}"
            labelled = replace(instance, label=label)
            values = _values(labelled)
            tx.execute(f"INSERT INTO {_TABLE} VALUES ({', '.join('?' * len(values))})", values)
            insert_tags(tx, instance.arn, tags)
            return labelled

        return await self._database.write(insert)

    async def change(
        self, scope: Scope, name: str, change: Callable[[NotebookInstance], NotebookInstance]
    ) -> NotebookInstance | None:
        """Replace one by what `change` makes of it, in one transaction.

        Returns:
            The new record; None where there is no such instance.

        Raises:
            ServiceError: Whatever `change` raises; nothing is changed then.
            ResourceLimitExceeded: It is to start, and there are too many of the type.
        """
        limits = self._limits()

        def update(tx: Transaction) -> NotebookInstance | None:
            row = tx.execute(f"SELECT * FROM {_TABLE} WHERE {KEY}", key(scope, name)).fetchone()
            if row is None:
                return None
            before = _instance(row)
            changed = change(before)
            if changed.status == "Pending" != before.status:
                _require_quota(tx, limits, changed)
            if changed != before:
                values = _values(changed)
                tx.execute(
                    f"REPLACE INTO {_TABLE} VALUES ({', '.join('?' * len(values))})",
                    values,
                )
            return changed

        return await self._database.write(update)

    def _limits(self) -> dict[str, Offer]:
        return {offer.instance_type: offer for offer in self._supply.offers()}

    async def remove(self, instance: NotebookInstance) -> None:
        """Forget one, its tags, and who may enter it."""

        def delete(tx: Transaction) -> None:
            delete_all_tags(tx, instance.arn)
            delete_passes(tx, instance.volume_id)
            tx.execute(f"DELETE FROM {_TABLE} WHERE {KEY}", key(instance.scope, instance.name))

        await self._database.write(delete)


def no_instance() -> ValidationException:
    """Return AWS's answer for a notebook instance that is not there.

    Recorded: hashicorp/terraform-provider-aws, internal/service/sagemaker, which looks for this word.
    """
    return ValidationException("RecordNotFound")


def _require_room(tx: Transaction, instance: NotebookInstance) -> None:
    scope = (instance.scope.account_id, instance.scope.region)
    of_scope = f"FROM {_TABLE} WHERE account_id = ? AND region = ?"
    if tx.execute(f"SELECT 1 {of_scope} AND lower(name) = ?", (*scope, instance.name.lower())).fetchone():
        # Recorded, in public tests of clients.
        raise ValidationException(f"Cannot create a duplicate Notebook Instance ({instance.arn})")
    require_room(
        tx, _TABLE, instance.scope, MOST_INSTANCES, "Total number of notebook instances", " NotebookInstances"
    )


def _require_quota(tx: Transaction, limits: Mapping[str, Offer], instance: NotebookInstance) -> None:
    """Check that the account may have one more of the type that runs.

    Raises:
        ResourceLimitExceeded
    """
    offer = limits.get(instance.settings.instance_type)
    if offer is None:
        return
    (used,) = tx.execute(
        f"SELECT count(*) FROM {_TABLE} WHERE account_id = ? AND region = ? AND name <> ?"
        " AND status IN ('Pending', 'InService', 'Stopping')"
        " AND json_extract(document, '$.settings.instance_type') = ?",
        (*key(instance.scope, instance.name), offer.instance_type),
    ).fetchone()
    quotas.require(offer, quotas.NOTEBOOK, used, 1)


def _instance(row: Row) -> NotebookInstance:
    document = json.loads(row["document"])
    return NotebookInstance(
        scope=scope_of(row),
        name=row["name"],
        status=row["status"],
        created_at=moment(row["created_at"]),
        modified_at=moment(row["modified_at"]),
        label=row["label"],
        volume_id=document["volume_id"],
        settings=Settings.of(document["settings"]),
        failure_reason=document["failure_reason"],
        was_set_up=document["was_set_up"],
    )


def _values(instance: NotebookInstance) -> tuple[str | float, ...]:
    document = {
        "volume_id": instance.volume_id,
        "settings": instance.settings.document(),
        "failure_reason": instance.failure_reason,
        "was_set_up": instance.was_set_up,
    }
    return (
        *key(instance.scope, instance.name),
        instance.created_at.timestamp(),
        instance.modified_at.timestamp(),
        instance.status,
        instance.label,
        instance.settings.lifecycle_config,
        instance.settings.default_repository,
        json.dumps(instance.settings.additional_repositories),
        json.dumps(document, separators=(",", ":")),
    )
