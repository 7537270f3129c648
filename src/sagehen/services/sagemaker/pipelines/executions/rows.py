"""Rows of executions: their tables, and an execution as one of them has it."""

from __future__ import annotations

import json
from dataclasses import asdict, fields

from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.resources.rows import scope_of
from sagehen.store.database import Row

TABLE, STEPS = "sagemaker_pipeline_executions", "sagemaker_pipeline_steps"
VERSIONS = "sagemaker_pipeline_versions"
OF_PIPELINE = "account_id = ? AND region = ? AND pipeline = ?"
OF_EXECUTION = "account_id = ? AND region = ? AND execution = ?"
_COLUMNS = ("scope", "id", "pipeline", "version", "created_at", "modified_at", "status")
_IN_RECORD = tuple(one.name for one in fields(Execution) if one.name not in _COLUMNS)


def execution_of(row: Row) -> Execution:
    """Return the execution that a row is."""
    given = {name: value for name, value in json.loads(row["record"]).items() if name in _IN_RECORD}
    if given.get("selected") is not None:
        given["selected"] = tuple(given["selected"])
    return Execution(
        scope=scope_of(row),
        id=row["name"],
        pipeline=row["pipeline"],
        version=row["version"],
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        status=row["status"],
        **given,
    )


def record_of(execution: Execution) -> str:
    """Return what has no column of its own, as text."""
    given = asdict(execution)
    return json.dumps({name: given[name] for name in _IN_RECORD}, separators=(",", ":"))
