"""The SQL of trials: which training jobs a tuning job has started, and what came of them.

A trial's row and its training job's are made in one transaction, and each change of the training job
changes the trial's row in the same one: whatever is cut short, neither knows of something that the other
does not, and no trial is started twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.listing import in_order
from sagehen.services.sagemaker.resources.rows import to_json
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.records import is_in_progress
from sagehen.services.sagemaker.tuning.trials import tally
from sagehen.services.sagemaker.tuning.trials.trial import Trial
from sagehen.store.database import Database, Row, Transaction

InsertJob = Callable[[Transaction, TrainingJob, Sequence[Mapping[str, str]]], None]
_TABLE = "sagemaker_tuning_trials"
_OF_TUNING = "account_id = ? AND region = ? AND tuning = ?"
_OUTCOME = ("started_at", "ended_at", "failure_reason")
# What a curve may be long for is read only where others are compared with it.
_WITHOUT_CURVES = "number, name, definition, created_at, status, objective, tuned, outcome, '' AS curve"
_COLUMNS = {
    "Name": ("name", str),
    "CreationTime": ("created_at", float),
    "Status": ("status", str),
    "FinalObjectiveMetricValue": ("objective", float),
}


class TrialRecords:
    """Reads and writes of trials.

    Args:
        insert_job: Stores a training job within a transaction.
    """

    def __init__(self, database: Database, insert_job: InsertJob) -> None:
        self._database = database
        self._insert_job = insert_job

    def of(self, job: TuningJob) -> list[Trial]:
        """Return all trials of a tuning job, in the order of their numbers, with their curves."""
        sql = f"SELECT * FROM {_TABLE} WHERE {_OF_TUNING} ORDER BY number"
        return [_trial(row) for row in self._database.all(sql, (*_scope(job.scope), job.name))]

    def without_curves(self, job: TuningJob) -> list[Trial]:
        """Return all trials of a tuning job, in the order of their numbers."""
        sql = f"SELECT {_WITHOUT_CURVES} FROM {_TABLE} WHERE {_OF_TUNING} ORDER BY number"
        return [_trial(row) for row in self._database.all(sql, (*_scope(job.scope), job.name))]

    def groups(self, job: TuningJob) -> list[tally.Group]:
        """Return how many trials of a tuning job there are of each kind."""
        sql = (
            f"SELECT status, objective IS NOT NULL, count(*) FROM {_TABLE} WHERE {_OF_TUNING}"
            " GROUP BY status, objective IS NOT NULL"
        )
        rows = self._database.all(sql, (*_scope(job.scope), job.name))
        return [tally.Group(row[0], bool(row[1]), row[2]) for row in rows]

    def get(self, job: TuningJob, name: str) -> Trial | None:
        """Return the trial of a tuning job that a training job is, or None."""
        sql = f"SELECT * FROM {_TABLE} WHERE account_id = ? AND region = ? AND name = ?"
        row = self._database.one(sql, (*_scope(job.scope), name))
        return _trial(row) if row else None

    def page(self, job: TuningJob, request: Mapping[str, Any]) -> tuple[list[Trial], str | None]:
        """Return one page for ListTrainingJobsForHyperParameterTuningJob, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        # Documented: by name, ascending; those without an objective are not listed where it is sorted by.
        column, kind = _COLUMNS[request.get("SortBy", "Name")]
        where, values = [_OF_TUNING, f"{column} IS NOT NULL"], [*_scope(job.scope), job.name]
        if status := request.get("StatusEquals"):
            where.append("status = ?")
            values.append(status)
        rows, token = in_order(
            self._database,
            f"SELECT {_WITHOUT_CURVES} FROM {_TABLE}",
            where,
            values,
            request,
            order=(column, "number"),
            kinds=(kind, int),
            ascending=request.get("SortOrder") != "Descending",
            listing=f"{_TABLE} {job.name} {status}",
        )
        return [_trial(row) for row in rows], token

    async def start(
        self, job: TuningJob, trial: Trial, training_job: TrainingJob, tags: Sequence[Mapping[str, str]]
    ) -> bool:
        """Store a trial and its training job, both or neither.

        Returns:
            Whether they are stored: not where the tuning job was asked to stop, or is gone.

        Raises:
            ResourceInUse: There is a training job of that name.
        """

        def insert(tx: Transaction) -> bool:
            if not is_in_progress(tx, job):
                return False
            self._insert_job(tx, training_job, tags)
            tx.execute(
                f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *_scope(job.scope), job.name, trial.number, trial.name, trial.definition,
                    trial.created_at, trial.status, trial.objective, to_json(trial.tuned), _outcome(trial),
                    _curve(trial),
                ),
            )  # fmt: skip
            return True

        return await self._database.write(insert)


def update(tx: Transaction, scope: Scope, trial: Trial) -> None:
    """Store what became of a trial, within the transaction that changes its training job."""
    tx.execute(
        f"UPDATE {_TABLE} SET status = ?, objective = ?, outcome = ?, curve = ?"
        " WHERE account_id = ? AND region = ? AND name = ?",
        (trial.status, trial.objective, _outcome(trial), _curve(trial), *_scope(scope), trial.name),
    )


def of_training_job(tx: Transaction, scope: Scope, name: str) -> tuple[str, Trial] | None:
    """Return the tuning job's name and the trial that a training job is, within a transaction."""
    sql = f"SELECT * FROM {_TABLE} WHERE account_id = ? AND region = ? AND name = ?"
    row = tx.execute(sql, (*_scope(scope), name)).fetchone()
    return (row["tuning"], _trial(row)) if row else None


def _scope(scope: Scope) -> tuple[str, str]:
    return scope.account_id, scope.region


def _outcome(trial: Trial) -> str:
    return to_json({name: getattr(trial, name) for name in _OUTCOME})


def _curve(trial: Trial) -> str:
    if not (trial.curve or trial.rungs):
        return ""
    return to_json({"curve": list(trial.curve), "rungs": trial.rungs})


def _trial(row: Row) -> Trial:
    kept = json.loads(row["curve"] or '{"curve": [], "rungs": {}}')
    return Trial(
        number=row["number"],
        name=row["name"],
        definition=row["definition"],
        created_at=row["created_at"],
        tuned=json.loads(row["tuned"]),
        status=row["status"],
        objective=row["objective"],
        curve=kept["curve"],
        rungs={int(epoch): value for epoch, value in kept["rungs"].items()},
        **json.loads(row["outcome"]),
    )
