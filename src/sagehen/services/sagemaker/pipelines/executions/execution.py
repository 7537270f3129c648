"""Execution: one execution of a pipeline as it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.pipelines.definition.parameters import Value

# Documented: the shape PipelineExecutionStatus.
EXECUTING, STOPPING, STOPPED, FAILED, SUCCEEDED = (
    *("Executing", "Stopping", "Stopped", "Failed"),
    "Succeeded",
)
UNFINISHED = (EXECUTING, STOPPING)
# Documented: Pipelines quotas; a pipeline that says nothing runs so many steps at once.
DEFAULT_PARALLEL = 50


@dataclass(frozen=True, slots=True)
class Execution:
    """An execution.

    Args:
        id: Twelve letters and digits.
        pipeline: The pipeline's name, as it was spelled.
        version: The definition's.
        parameters: All of them, with their values.
        given: Those that StartPipelineExecution named, as it spelled them.
        parallel: How many steps run at once.
        selected: Steps that run, where some were chosen; None: all.
        source: The ARN of the execution whose results the chosen ones use; ''.
        created_by: Whose execution it is, as descriptions show it.
        tokens: ClientRequestToken of the last StopPipelineExecution and RetryPipelineExecution, by operation.
    """

    scope: Scope
    id: str
    pipeline: str
    version: int
    created_at: float
    modified_at: float
    status: str
    role_arn: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    display_name: str = ""
    description: str | None = None
    parallel: int = DEFAULT_PARALLEL
    parallel_given: bool = False
    selected: tuple[str, ...] | None = None
    source: str = ""
    experiment: Mapping[str, str] = field(default_factory=dict)
    created_by: Mapping[str, Any] = field(default_factory=dict)
    modified_by: Mapping[str, Any] = field(default_factory=dict)
    failure_reason: str = ""
    tokens: Mapping[str, str] = field(default_factory=dict)

    @property
    def pipeline_arn(self) -> str:
        return pipeline_arn(self.scope, self.pipeline)

    @property
    def arn(self) -> str:
        return f"{self.pipeline_arn}/execution/{self.id}"

    @property
    def ended(self) -> bool:
        return self.status not in UNFINISHED

    def becomes(self, status: str, now: float, reason: str = "") -> Execution:
        """Return it with another status."""
        return replace(self, status=status, modified_at=now, failure_reason=reason)


def pipeline_arn(scope: Scope, name: str) -> str:
    """Return a pipeline's ARN."""
    return scope.arn("sagemaker", f"pipeline/{name.lower()}")
