"""Pipeline and Version: a pipeline as it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.pipelines.executions.execution import pipeline_arn


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline.

    Args:
        version: The latest.
        parallel: Steps at once; None where it does not say.
        created_by, modified_by: As descriptions show them.
    """

    scope: Scope
    name: str
    created_at: float
    modified_at: float
    role_arn: str
    version: int = 1
    display_name: str = ""
    description: str | None = None
    parallel: int | None = None
    created_by: Mapping[str, Any] = field(default_factory=dict)
    modified_by: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return pipeline_arn(self.scope, self.name)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a pipeline's definition."""

    number: int
    created_at: float
    display_name: str | None = None
    description: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnedVersion:
    """A version with the name of its pipeline."""

    scope: Scope
    pipeline: str
    version: Version

    @property
    def pipeline_arn(self) -> str:
        return pipeline_arn(self.scope, self.pipeline)

    @property
    def arn(self) -> str:
        return f"{self.pipeline_arn}/version/{self.version.number}"


def shown(principal: Principal) -> dict[str, Any]:
    """Return who did something, as CreatedBy and LastModifiedBy show it."""
    return {"IamIdentity": {"Arn": principal.arn, "PrincipalId": principal.user_id or principal.account_id}}
