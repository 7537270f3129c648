"""What a template must be to be carried out at all. Pure checks; the words from memory and public issues."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.cloudformation.errors import InsufficientCapabilitiesException, ValidationError
from sagehen.services.cloudformation.templates.references import named
from sagehen.services.cloudformation.templates.template import Template
from sagehen.services.cloudformation.types.resource_type import is_known, kind_of

_NAMED, _IAM, _EXPAND = "CAPABILITY_NAMED_IAM", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"
_UNBUILT = (
    "RollbackConfiguration", "NotificationARNs", "ResourceTypes", "DeploymentMode", "DisableValidation",
)  # fmt: skip


def check_request(operation: str, request: Mapping[str, Any]) -> None:
    """Refuse what has no effect here. NotImplementedOperation names it."""
    if given := [name for name in _UNBUILT if request.get(name)]:
        raise NotImplementedOperation(f"{operation} {', '.join(given)} is not implemented.")
    config = request.get("DeploymentConfig") or {}
    if operation in ("DeleteStack", "RollbackStack") and config.get("DisableRollback"):
        raise NotImplementedOperation(f"{operation} DeploymentConfig.DisableRollback is not implemented.")
    if (mode := config.get("Mode", "STANDARD")) != "STANDARD":
        raise NotImplementedOperation(f"{operation} DeploymentConfig.Mode {mode} is not implemented.")


def on_failure_of(request: Mapping[str, Any]) -> str:
    """Return what a failure of what a request begins leads to: `ROLLBACK`, `DO_NOTHING` or `DELETE`.

    Raises:
        ValidationError: It says so twice.
    """
    said = request.get("OnFailure") or request.get("OnStackFailure")
    if said and request.get("DisableRollback") is not None:
        raise ValidationError("You can specify either DisableRollback or OnFailure, but not both.")
    config = request.get("DeploymentConfig") or {}
    if said:
        return str(said)
    return "DO_NOTHING" if request.get("DisableRollback") or config.get("DisableRollback") else "ROLLBACK"


def check_template(template: Template) -> None:
    """Check types and references.

    Raises:
        ValidationError
    """
    unknown = sorted({one["Type"] for one in template.resources.values() if not is_known(one["Type"])})
    if unknown:
        raise ValidationError(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    for name, resource in template.resources.items():
        where = f"the Resources block of the template ({name})"
        _require_known(template, resource.get("Properties") or {}, where)
        _require_condition(template, resource, where)
    for output in template.outputs.values():
        where = "the Outputs block of the template"
        _require_known(template, [output["Value"], output.get("Export")], where)
        _require_condition(template, output, where)


def _require_condition(template: Template, member: Mapping[str, Any], where: str) -> None:
    condition = member.get("Condition")
    if condition is not None and condition not in template.conditions:
        raise ValidationError(
            f"Template format error: Unresolved condition dependency {condition} in {where}"
        )


def _require_known(template: Template, value: Any, where: str) -> None:
    there = template.parameters.keys() | template.resources.keys()
    missing = sorted({one for one in named(value) if not one.startswith("AWS::")} - there)
    if missing:
        raise ValidationError(
            f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] in {where}"
        )


def needed_capabilities(template: Template) -> list[str]:
    """Return the capability that a template needs, or nothing."""
    if template.transforms:
        return [_EXPAND]
    found = []
    for resource in template.resources.values():
        kind = kind_of(resource["Type"])
        if kind.needs_capability:
            name = kind.naming["property"] if kind.naming else None
            found.append(_NAMED if name and name in (resource.get("Properties") or {}) else _IAM)
    return [_NAMED] if _NAMED in found else found[:1]


def check_expansion(template: Template, given: Collection[str], *, reviewed: bool) -> None:
    """Check that who asked knows that macros make another template of it.

    Args:
        reviewed: They see it in a change set first, for which it is not asked (documented).

    Raises:
        InsufficientCapabilitiesException
    """
    if template.transforms and not reviewed and _EXPAND not in given:
        raise InsufficientCapabilitiesException(f"Requires capabilities : [{_EXPAND}]")


def check_capabilities(template: Template, given: Collection[str]) -> None:
    """Check that who asked knows of IAM resources.

    Raises:
        InsufficientCapabilitiesException
    """
    for needed in needed_capabilities(template):
        if needed not in given and not (needed == _IAM and _NAMED in given):
            raise InsufficientCapabilitiesException(f"Requires capabilities : [{needed}]")


def parameters_given(request: Mapping[str, Any]) -> tuple[dict[str, str], frozenset[str]]:
    """Return the values of `Parameters`, and the names with UsePreviousValue."""
    given: Sequence[Mapping[str, Any]] = request.get("Parameters") or ()
    values = {
        one["ParameterKey"]: one["ParameterValue"] for one in given if one.get("ParameterValue") is not None
    }
    return values, frozenset(one["ParameterKey"] for one in given if one.get("UsePreviousValue"))


def is_true(value: Any) -> bool:
    """Tell whether a template says true: as a boolean or as a word."""
    return str(value).lower() == "true"
