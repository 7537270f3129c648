"""The records of experiments, trials and components, and of what is in what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.experiments import errors, quotas, rows
from sagehen.services.sagemaker.experiments.entity import COMPONENT, EXPERIMENT, KINDS, TRIAL, Entity, Kind
from sagehen.services.sagemaker.experiments.schema import COMPONENTS, COUNTS, LINKS, METRICS, SOURCES, TRIALS
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.named_records import NamedRecords
from sagehen.services.sagemaker.resources.rows import KEY, key
from sagehen.services.sagemaker.tags.records import delete_all_tags
from sagehen.store.database import Database, Transaction

Forgotten = Callable[[Transaction, Scope, str], None]
_FILTERS = {"CreatedAfter": "created_at >= ?", "CreatedBefore": "created_at <= ?"}


def _in_trial(links: str, then: str, table: str, mine: str) -> str:
    where = f"l.account_id = {table}.account_id AND l.region = {table}.region AND {then}"
    return f"name IN (SELECT l.{mine} FROM {links} WHERE {where})"


_OF_KIND: Mapping[str, Mapping[str, str]] = {
    "Experiment": {},
    "Trial": {
        "ExperimentName": "experiment = ?",
        "TrialComponentName": _in_trial(f"{LINKS} l", "l.component = ?", TRIALS, "trial"),
    },
    "TrialComponent": {
        "TrialName": _in_trial(f"{LINKS} l", "l.trial = ?", COMPONENTS, "component"),
        "ExperimentName": _in_trial(
            f"{LINKS} l JOIN {TRIALS} t"
            " ON t.account_id = l.account_id AND t.region = l.region AND t.name = l.trial",
            "t.experiment = ?",
            COMPONENTS,
            "component",
        ),
    },
}
# What has to be gone before one of a kind can be: its rows, and what they are called.
_HELD = {
    EXPERIMENT: (f"SELECT 1 FROM {TRIALS} WHERE {KEY.replace('name', 'experiment')} LIMIT 1", "trials"),
    TRIAL: (f"SELECT 1 FROM {LINKS} WHERE {KEY.replace('name', 'trial')} LIMIT 1", "trial components"),
    COMPONENT: (f"SELECT 1 FROM {LINKS} WHERE {KEY.replace('name', 'component')} LIMIT 1", "trials"),
}


class ExperimentRecords:
    """Reads and writes of all three kinds.

    Args:
        forgotten: Is told, within the transaction, of the ARN of one that goes.
    """

    def __init__(self, database: Database, forgotten: Forgotten = lambda *_: None) -> None:
        self._database = database
        self._forgotten = forgotten
        self._named = {kind: _records(database, kind) for kind in KINDS}

    def require(self, kind: Kind, scope: Scope, name: str) -> Entity:
        """Return one.

        Raises:
            ResourceNotFound: There is none.
        """
        if (entity := self._named[kind].get(scope, name)) is None:
            raise errors.missing(kind, name)
        return entity

    def lowered(self, kind: Kind, scope: Scope, name: str) -> Entity | None:
        """Return one by its name, or by the one that its ARN carries, or None."""
        named = self._named[kind]
        return named.get(scope, name) or named.of_lowered(scope, name)

    def page(self, kind: Kind, scope: Scope, request: Mapping[str, Any]) -> tuple[list[Entity], str | None]:
        """Return one page, the newest first where the request does not say, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        more = {**_FILTERS, **_OF_KIND[kind.word]}
        found, token = page(self._database, kind.table, scope, request, "Descending", more_filters=more)
        return [rows.read(kind, row) for row in found], token

    def parents(self, component: Entity) -> list[dict[str, str]]:
        """Return the trials that a component is in, with their experiments."""
        trials = self._database.all(
            f"SELECT t.name, t.experiment FROM {LINKS} l JOIN {TRIALS} t"
            " ON t.account_id = l.account_id AND t.region = l.region AND t.name = l.trial"
            " WHERE l.account_id = ? AND l.region = ? AND l.component = ? ORDER BY t.name",
            key(component.scope, component.name),
        )
        return [{"TrialName": row["name"], "ExperimentName": row["experiment"]} for row in trials]

    async def add(self, entity: Entity, tags: Iterable[Mapping[str, str]]) -> None:
        """Store a new one; a trial needs its experiment.

        Raises:
            ValidationException: The name is taken.
            ResourceNotFound: There is no such experiment.
            ResourceLimitExceeded: There are too many.
        """

        def require(tx: Transaction) -> None:
            if entity.kind is COMPONENT:
                quotas.require_room_of_components(tx, entity.scope)
            else:
                quotas.require_room_of(tx, entity.kind, entity.scope)
            if entity.kind is TRIAL:
                rows.require(tx, EXPERIMENT, entity.scope, entity.experiment)

        await self._named[entity.kind].add(entity, list(tags), require)

    async def change(self, kind: Kind, scope: Scope, name: str, change: Any) -> Entity:
        """Replace one by what `change` makes of it.

        Raises:
            ResourceNotFound: There is none.
        """
        changed: Entity | None = await self._named[kind].change(scope, name, change)
        if changed is None:
            raise errors.missing(kind, name)
        return changed

    async def remove(self, kind: Kind, scope: Scope, name: str) -> Entity:
        """Forget one that holds nothing, and is in nothing.

        Raises:
            ResourceNotFound: There is none.
            ValidationException: What it holds goes first.
        """
        of_one = key(scope, name)

        def work(tx: Transaction) -> Entity:
            entity = rows.require(tx, kind, scope, name)
            statement, holds = _HELD[kind]
            if tx.execute(statement, of_one).fetchone() is not None:
                raise errors.not_empty(kind, name, holds)
            tx.execute(f"DELETE FROM {kind.table} WHERE {KEY}", of_one)
            if kind is COMPONENT:
                for table in (METRICS, COUNTS, SOURCES):
                    tx.execute(f"DELETE FROM {table} WHERE {KEY.replace('name', 'component')}", of_one)
            delete_all_tags(tx, entity.arn)
            self._forgotten(tx, entity.scope, entity.arn)
            return entity

        return await self._database.write(work)

    async def link(self, scope: Scope, trial: str, component: str) -> tuple[Entity, Entity]:
        """Put a component into a trial; twice is no fault. Returns both.

        Raises:
            ResourceNotFound: There is none.
            ResourceLimitExceeded: The trial has too many.
        """

        return await self._database.write(lambda tx: rows.put_into_trial(tx, scope, trial, component))

    async def unlink(self, scope: Scope, trial: str, component: str) -> tuple[Entity, Entity]:
        """Take a component out of a trial. Returns both.

        Raises:
            ResourceNotFound: There is none, or it is not in that trial.
        """

        def work(tx: Transaction) -> tuple[Entity, Entity]:
            both = rows.require(tx, TRIAL, scope, trial), rows.require(tx, COMPONENT, scope, component)
            where = f"{KEY.replace('name', 'trial')} AND component = ?"
            if not tx.execute(f"DELETE FROM {LINKS} WHERE {where}", (*key(scope, trial), component)).rowcount:
                raise errors.missing(COMPONENT, component)
            return both

        return await self._database.write(work)


def _records(database: Database, kind: Kind) -> NamedRecords[Entity]:
    return NamedRecords(
        database,
        kind.table,
        values=rows.values,
        read=lambda row: rows.read(kind, row),
        taken=errors.taken,
    )
