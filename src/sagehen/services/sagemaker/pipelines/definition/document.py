"""Definition: the text of CreatePipeline, read and judged. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.sagemaker.pipelines.definition import checks, graph, parameters, step
from sagehen.services.sagemaker.pipelines.definition.conditions import require_conditions
from sagehen.services.sagemaker.pipelines.definition.expressions import Reference, references
from sagehen.services.sagemaker.pipelines.definition.parameters import Parameter
from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid
from sagehen.services.sagemaker.pipelines.definition.step import Step
from sagehen.services.sagemaker.pipelines.definition.step_types import CONDITION, FAIL, LAMBDA

# Documented: the definition's JSON schema; the SDK writes no other.
VERSION = "2020-12-01"
# Ours; AWS documents fifty, a quota that can be raised.
MOST_STEPS = 200
_MEMBERS = {"Version", "Metadata", "Parameters", "PipelineExperimentConfig", "Steps"}
_BRANCHES = {"IfSteps": True, "ElseSteps": False}
_EXPERIMENT = {"ExperimentName", "TrialName"}


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition that is valid: whatever refers to something refers to what there is.

    Args:
        steps: All of them by name, those in branches behind their condition step.
        experiment: PipelineExperimentConfig: in which experiment and trial its jobs are.
    """

    parameters: Mapping[str, Parameter]
    steps: Mapping[str, Step]
    experiment: Mapping[str, Any] = field(default_factory=dict)


def parse(text: str) -> Definition:
    """Read and judge a definition.

    Raises:
        Invalid: In AWS's words where they are recorded, else in ours.
        NotImplementedOperation: It has a step of a type that is not built.
    """
    try:
        given = read_json(text)
    except NotJson as error:
        raise Invalid(f"The definition is not valid JSON: {error}.") from None
    if not isinstance(given, dict):
        raise Invalid("The definition is no JSON object.")
    if unknown := sorted(given.keys() - _MEMBERS):
        raise Invalid(f"Unknown member '{unknown[0]}'.")
    if given.get("Version", VERSION) != VERSION:
        raise Invalid(f"Version '{given['Version']}' is not supported.")
    if not isinstance(given.get("Metadata") or {}, dict):
        raise Invalid("Invalid Metadata.")
    made = Definition(
        parameters.parse(given.get("Parameters")), _steps(given.get("Steps")), _experiment(given)
    )
    _require_references(made)
    graph.require_order(made.steps)
    return made


def _experiment(given: Mapping[str, Any]) -> Mapping[str, Any]:
    config = given.get("PipelineExperimentConfig") or {}
    if not isinstance(config, dict) or not config.keys() <= _EXPERIMENT:
        raise Invalid("Invalid PipelineExperimentConfig.")
    return config


def _steps(given: Any) -> dict[str, Step]:
    found: dict[str, Step] = {}
    for one in _read(given, None):
        if one.name in found:
            raise Invalid(f"Duplicate step name '{one.name}'.")
        found[one.name] = one
        if len(found) > MOST_STEPS:
            raise Invalid(f"A pipeline has at most {MOST_STEPS} steps.")
    if not found:
        raise Invalid("Steps must have at least one step.")
    return found


def _read(given: Any, branch: tuple[str, bool] | None) -> Iterator[Step]:
    """Yield steps, and behind a condition those of its branches. As deep as the JSON text may be."""
    if not isinstance(given, list):
        raise Invalid("Steps must be a list.")
    for one in given:
        made = step.parse(one, branch)
        yield made
        if made.kind != CONDITION:
            continue
        arguments = one.get("Arguments") or {}
        if unknown := sorted(arguments.keys() - {"Conditions"} - _BRANCHES.keys()):
            raise Invalid(f"Unknown Argument member '{unknown[0]}'.")  # recorded: the SDK's pull 3472
        require_conditions(made.name, arguments.get("Conditions"))
        for member, outcome in _BRANCHES.items():
            yield from _read(arguments.get(member) or [], (made.name, outcome))


def _require_references(made: Definition) -> None:
    for one in made.steps.values():
        for name in sorted(one.needs - made.steps.keys()):
            raise Invalid(f"Step '{one.name}' depends on step '{name}', which the pipeline does not have.")
        for each in one.references:
            _require(made, each, f"step '{one.name}'")
    for each in references(made.experiment):
        if each.root == "Steps":
            raise Invalid("PipelineExperimentConfig cannot refer to steps.")
        _require(made, each, "PipelineExperimentConfig")


def _require(made: Definition, each: Reference, who: str) -> None:
    if each.root == "Parameters" and each.name not in made.parameters:
        raise Invalid(f"Parameter '{each.name}', to which {who} refers, is not defined.")
    if each.root != "Steps":
        return
    referred = made.steps[each.name]
    if referred.kind in (CONDITION, FAIL):
        raise Invalid(f"{who[0].upper()}{who[1:]} refers to step '{each.name}', which has no properties.")
    if (file := each.property_file) is not None and file not in referred.files:
        raise Invalid(f"Property file '{file}', to which {who} refers, is not defined in '{each.name}'.")
    if referred.kind in checks.KINDS and each.path[0] not in (has := checks.properties(referred.kind)):
        raise Invalid(f"Step '{each.name}' has no properties but {', '.join(has)}.")
    if referred.kind == LAMBDA and (each.path[0] != "OutputParameters" or each.path[1:2] == ()):
        raise Invalid(f"Step '{each.name}' has no properties but its OutputParameters.")
    if referred.kind == LAMBDA and str(each.path[1]) not in referred.outputs:
        raise Invalid(f"Step '{each.name}' has no output parameter '{each.path[1]}'.")
