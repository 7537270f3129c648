"""Step: one step of a definition, read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.sagemaker.pipelines.definition import caching, checks, retrying
from sagehen.services.sagemaker.pipelines.definition.expressions import Reference, references
from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid
from sagehen.services.sagemaker.pipelines.definition.retrying import RetryPolicy
from sagehen.services.sagemaker.pipelines.definition.step_types import (
    BUILT,
    CONDITION,
    FAIL,
    LAMBDA,
    TYPES,
    UNBUILT,
)

# The definition's JSON schema (aws-sagemaker-mlops).
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}\Z")
_COMMON = {"Name", "Type", "Arguments", "DependsOn", "DisplayName", "Description"}
_MORE = {
    "Processing": {"PropertyFiles", "CacheConfig", "RetryPolicies"},
    "Training": {"CacheConfig", "RetryPolicies"},
    "Tuning": {"CacheConfig", "RetryPolicies"},
    "Transform": {"CacheConfig", "RetryPolicies"},
    **{kind: {"CacheConfig"} | checks.members(kind) for kind in checks.KINDS},
    "Model": {"RetryPolicies"},
    "RegisterModel": {"RetryPolicies"},
    LAMBDA: {"CacheConfig", "FunctionArn", "OutputParameters"},
    CONDITION: set(),
    FAIL: set(),
}
# Documented: the shapes StepDisplayName, StepDescription; OutputParameterList.
_TEXTS = {"DisplayName": 256, "Description": 3072}
_MOST_OUTPUTS = 50
_OUTPUT_TYPES = ("String", "Integer", "Boolean", "Float")
# A function of an account: its name or ARN is looked at when it is called.
_FUNCTION = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_:$-]{1,256}\Z")


@dataclass(frozen=True, slots=True)
class PropertyFile:
    """A file that a processing step writes: which output it is in, and its path there."""

    output: str
    path: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step.

    Args:
        branch: The condition step in whose IfSteps or ElseSteps it stands, and in which: True, False.
        cache_s: For how long results may be used again; None: not.
        needs: The steps that it waits for.
        outputs: Of a function, by name, with their types.
        check: Of a quality or Clarify check: its members, in which expressions may stand.
    """

    name: str
    kind: str
    arguments: Mapping[str, Any] = field(repr=False)
    branch: tuple[str, bool] | None = None
    display_name: str | None = None
    description: str | None = None
    cache_s: float | None = None
    retries: tuple[RetryPolicy, ...] = ()
    files: Mapping[str, PropertyFile] = field(default_factory=dict)
    function_arn: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    check: Mapping[str, Any] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    references: tuple[Reference, ...] = ()


def parse(given: Any, branch: tuple[str, bool] | None) -> Step:
    """Read a step; those in the branches of a condition are read by `document`.

    Raises:
        Invalid
        NotImplementedOperation: Its type is not built.
    """
    name, kind = _name_and_type(given)
    if unknown := sorted(given.keys() - _COMMON - _MORE[kind]):
        raise Invalid(f"Unknown member '{unknown[0]}' of step '{name}'.")
    arguments = given.get("Arguments", {})
    if not isinstance(arguments, dict):
        raise Invalid(f"Invalid Arguments of step '{name}'.")
    if kind == CONDITION:
        arguments = {"Conditions": arguments.get("Conditions")}
    for member, most in _TEXTS.items():
        text = given.get(member)
        if text is not None and not (isinstance(text, str) and len(text) <= most):
            raise Invalid(f"Invalid {member} of step '{name}'.")
    check = checks.parse(name, kind, given) if kind in checks.KINDS else {}
    found = tuple(references([arguments, check]))
    cache_s = caching.parse(name, given.get("CacheConfig"))
    depends = _depends(name, given.get("DependsOn"))
    return Step(
        name=name,
        kind=kind,
        arguments=arguments,
        branch=branch,
        display_name=given.get("DisplayName"),
        description=given.get("Description"),
        cache_s=cache_s,
        retries=retrying.parse(name, given.get("RetryPolicies")),
        files=dict(_files(name, given.get("PropertyFiles"))),
        function_arn=_function(name, given) if kind == LAMBDA else "",
        outputs=dict(_outputs(name, given.get("OutputParameters"))),
        check=check,
        needs=frozenset((*depends, *(one.name for one in found if one.root == "Steps"), *_parent(branch))),
        references=found,
    )


def _name_and_type(given: Any) -> tuple[str, str]:
    name = given.get("Name") if isinstance(given, dict) else None
    if not isinstance(name, str) or not _NAME.match(name):
        raise Invalid(f"Invalid step name '{name}'.")
    kind = given.get("Type")
    if kind in UNBUILT:
        raise NotImplementedOperation(
            f"CreatePipeline Step '{name}': steps of the type {kind} are not implemented."
        )
    if kind not in BUILT:
        raise Invalid(f"Invalid type '{kind}' of step '{name}'.")
    return name, kind


def _parent(branch: tuple[str, bool] | None) -> tuple[str, ...]:
    return () if branch is None else (branch[0],)


def _depends(name: str, given: Any) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise Invalid(f"Invalid DependsOn of step '{name}'.")
    return given


def _files(name: str, given: Any) -> Iterator[tuple[str, PropertyFile]]:
    for one in _list(name, "PropertyFiles", given):
        texts: list[Any] = [one.get(member) for member in ("PropertyFileName", "OutputName", "FilePath")]
        if len(one) != len(texts) or not all(isinstance(text, str) and text for text in texts):
            raise Invalid(f"Invalid PropertyFiles of step '{name}'.")
        yield texts[0], PropertyFile(texts[1], texts[2])


def _outputs(name: str, given: Any) -> Iterator[tuple[str, str]]:
    for one in _list(name, "OutputParameters", given):
        output, kind = one.get("OutputName"), one.get("OutputType", "String")
        if not isinstance(output, str) or not output or kind not in _OUTPUT_TYPES:
            raise Invalid(f"Invalid OutputParameters of step '{name}'.")
        yield output, kind


def _list(name: str, member: str, given: Any) -> list[dict[str, Any]]:
    if given is None:
        return []
    if (
        not isinstance(given, list)
        or len(given) > _MOST_OUTPUTS
        or not all(isinstance(x, dict) for x in given)
    ):
        raise Invalid(f"Invalid {member} of step '{name}'.")
    return given


def _function(name: str, given: Mapping[str, Any]) -> str:
    arn = given.get("FunctionArn")
    if not isinstance(arn, str) or not _FUNCTION.match(arn):
        raise Invalid(f"Invalid FunctionArn '{arn}' of step '{name}'.")
    return arn


def operation_of(step: Step) -> str | None:
    """Return the operation that a step's arguments are for, or None."""
    made = TYPES.get(step.kind)
    return made.create if made else None
