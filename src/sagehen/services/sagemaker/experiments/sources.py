"""What trial components come from: the job that one is of, and the jobs that ran within a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.experiments.entity import Entity
from sagehen.services.sagemaker.experiments.schema import SOURCES
from sagehen.services.sagemaker.resources.rows import KEY, key
from sagehen.store.database import Database, Transaction

# Of one run, the newest; ours. A job's own component has one.
MOST_SOURCES = 300
_OF_COMPONENT = KEY.replace("name", "component")


class SourceRecords:
    """Reads of them. They are written with the jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, component: Entity) -> dict[str, Any]:
        """Return a component's Source or Sources, as far as it has any, and the run that its job was in."""
        rows = self._database.all(
            f"SELECT * FROM {SOURCES} WHERE {_OF_COMPONENT} ORDER BY noted_at",
            key(component.scope, component.name),
        )
        told: dict[str, Any] = {}
        for row in rows:
            source = {"SourceArn": row["arn"], "SourceType": row["type"]}
            if not row["within"]:
                told |= {"Source": source} | ({"RunName": row["run"]} if row["run"] else {})
            else:
                told.setdefault("Sources", []).append(source)
        return told

    def component_of(self, scope: Scope, arn: str) -> str | None:
        """Return the name of the component that a job has, by the job's ARN."""
        row = self._database.one(
            f"SELECT component FROM {SOURCES} WHERE account_id = ? AND region = ? AND arn = ? AND NOT within",
            (scope.account_id, scope.region, arn),
        )
        return None if row is None else str(row["component"])


@dataclass(frozen=True, slots=True)
class Source:
    """A TrialComponentSource, and when it was noted, in seconds since the epoch."""

    arn: str
    type: str
    noted_at: float


def insert(
    tx: Transaction, scope: Scope, component: str, source: Source, *, within: bool, run: str = ""
) -> None:
    """Note a source.

    Args:
        within: It ran within the run that the component is.
        run: In which a job ran.
    """
    if not within:
        tx.execute(f"DELETE FROM {SOURCES} WHERE {_OF_COMPONENT} AND NOT within", key(scope, component))
    tx.execute(
        f"REPLACE INTO {SOURCES} VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*key(scope, component), source.arn, source.type, within, run, source.noted_at),
    )
    tx.execute(
        f"DELETE FROM {SOURCES} WHERE {_OF_COMPONENT} AND arn NOT IN"
        f" (SELECT arn FROM {SOURCES} WHERE {_OF_COMPONENT} ORDER BY noted_at DESC LIMIT {MOST_SOURCES})",
        (*key(scope, component), *key(scope, component)),
    )
