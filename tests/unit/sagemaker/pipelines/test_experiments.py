"""What a pipeline's jobs say of experiments, and what stands in no execution's way."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.pipelines.definition.step_types import TYPES
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.running.calls import CallFailed
from sagehen.services.sagemaker.pipelines.running.experiments import config_of

NAMES = {"ExperimentName": "p", "TrialName": "e1"}
CONFIG = {"ExperimentConfig": NAMES}
EXISTS = ("ValidationException", "Trial names must be unique. Trial with name (e1) already exists.", 400)
DENIED = ("AccessDeniedException", "not authorized to perform: sagemaker:CreateExperiment", 403)
BUSY = ("ThrottlingException", "Rate exceeded", 400)


class Calls:
    """Answers each call with a refusal, or nothing.

    Attributes:
        made: What was asked for.
    """

    def __init__(self, refusals: Mapping[str, tuple[str, str, int]]) -> None:
        self.made: list[str] = []
        self._refusals = refusals

    async def call(
        self, role: str, region: str, operation: str, request: Mapping[str, Any]
    ) -> dict[str, Any]:
        self.made.append(operation)
        if refusal := self._refusals.get(operation):
            raise CallFailed(f"sagemaker:{operation}", *refusal)
        return {}


@pytest.mark.parametrize(
    ("step", "names", "refusals", "config", "made"),
    [
        ("Training", NAMES, {}, CONFIG, ["CreateExperiment", "CreateTrial"]),
        ("Processing", NAMES, {"CreateExperiment": EXISTS, "CreateTrial": EXISTS}, CONFIG,
         ["CreateExperiment", "CreateTrial"]),
        ("Transform", NAMES, {"CreateExperiment": DENIED}, {}, ["CreateExperiment"]),
        ("Training", {}, {}, {}, []),
        ("Model", NAMES, {}, {}, []),
    ],
)  # fmt: skip
async def test_where_jobs_of_an_execution_are(
    step: str, names: dict[str, str], refusals: Any, config: dict[str, Any], made: list[str]
) -> None:
    calls = Calls(refusals)
    execution = Execution(
        Scope("123456789012", "us-east-1"), "e1", "p", 1, 1.0, 1.0, "Executing", "role", experiment=names
    )
    parts: Any = SimpleNamespace(calls=calls)
    assert await config_of(parts, execution, TYPES[step]) == config
    assert calls.made == made


async def test_what_may_go_better_another_time_is_tried_again() -> None:
    execution = Execution(
        Scope("123456789012", "us-east-1"), "e1", "p", 1, 1.0, 1.0, "Executing", "role", experiment=NAMES
    )
    parts: Any = SimpleNamespace(calls=Calls({"CreateTrial": BUSY}))
    with pytest.raises(CallFailed):
        await config_of(parts, execution, TYPES["Training"])
