"""Reads across all pipelines of an account, for Search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.executions.rows import execution_of
from sagehen.services.sagemaker.pipelines.pipeline import OwnedVersion
from sagehen.services.sagemaker.pipelines.version_rows import page_of_versions, version_of
from sagehen.services.sagemaker.resources.listing import page
from sagehen.store.database import Database

_EXECUTIONS = "sagemaker_pipeline_executions"


class AcrossPipelines:
    """Pages in the form of the other List operations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def executions(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[Execution], str | None]:
        """Return one page of executions, the newest first where the request does not say, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        rows, token = page(self._database, _EXECUTIONS, scope, request, "Descending")
        return [execution_of(row) for row in rows], token

    def versions(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[OwnedVersion], str | None]:
        """Return one page of versions, likewise; by the time of their making alone.

        Raises:
            ValidationException: The token is not one of ours.
        """
        values = (scope.account_id, scope.region)
        rows, token = page_of_versions(self._database, "account_id = ? AND region = ?", values, request)
        return [OwnedVersion(scope, row["pipeline"], version_of(row)) for row in rows], token
