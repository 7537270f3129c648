"""Versions and environments for tests of decisions: nothing is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.execution.contract import FunctionVersion

SCOPE = Scope("123456789012", "us-east-1")


def version(number: str = "$LATEST", revision: str = "r1", name: str = "f") -> FunctionVersion:
    return FunctionVersion(
        scope=SCOPE,
        function_name=name,
        version=number,
        revision=revision,
        arn=SCOPE.arn("lambda", f"function:{name}"),
        role_arn="arn:aws:iam::123456789012:role/runner",
        runtime="python3.11",
        handler="code.handler",
        code_folder=Path("code"),
    )


@dataclass(eq=False)
class StillEnvironment:
    """An environment that only is there."""

    function: FunctionVersion
    is_usable: bool = True
    is_ended: bool = False

    async def shutdown(self) -> None:
        self.is_ended = True
