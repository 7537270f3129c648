"""AWS::LanguageExtensions: loops, and functions where CloudFormation otherwise takes words. Pure.

Documented: AWS::LanguageExtensions transform. Fn::Length, Fn::ToJsonString and the default of Fn::FindInMap
are left to the evaluation of the template, which knows resources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.errors import TransformFailed, ValidationError
from sagehen.services.cloudformation.macros.for_each import LoopFault, Loops
from sagehen.services.cloudformation.templates.conditions import decided
from sagehen.services.cloudformation.templates.context import NO_VALUE, Context, NotYet, Unresolved
from sagehen.services.cloudformation.templates.functions import evaluate
from sagehen.services.cloudformation.templates.transforms import LANGUAGE_EXTENSIONS

_LOOPED = ("Conditions", "Resources", "Outputs")
_POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")
_FUNCTIONS = ("Fn::Length", "Fn::ToJsonString")


def extended(document: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return a template with its loops written out and its policies decided.

    Args:
        context: Parameters, pseudo parameters and mappings.

    Raises:
        TransformFailed
    """
    try:
        loops = Loops(lambda value: evaluate(value, context))
        found = {name: loops.written(one) if name in _LOOPED else one for name, one in document.items()}
        resources = found.get("Resources")
        if isinstance(resources, dict):
            found["Resources"] = _with_policies(resources, found.get("Conditions") or {}, context)
        return found
    except (LoopFault, Unresolved, NotYet) as error:
        raise TransformFailed(LANGUAGE_EXTENSIONS, str(error)) from None


def _with_policies(
    resources: Mapping[str, Any], conditions: Mapping[str, Any], context: Context
) -> dict[str, Any]:
    if any(isinstance(one, dict) and _has_decided_policy(one) for one in resources.values()):
        context = replace(context, conditions=decided(conditions, context))
    return {
        name: _decided_policies(one, context) if isinstance(one, dict) else one
        for name, one in resources.items()
    }


def _has_decided_policy(resource: Mapping[str, Any]) -> bool:
    return any(isinstance(resource.get(name), dict) for name in _POLICIES)


def _decided_policies(resource: Mapping[str, Any], context: Context) -> dict[str, Any]:
    found = dict(resource)
    for name in _POLICIES:
        if isinstance(found.get(name), dict):
            found[name] = evaluate(found[name], context)
            if found[name] is NO_VALUE:
                del found[name]
    return found


def require_no_extensions(document: Mapping[str, Any]) -> None:
    """Refuse what AWS understands with this transform alone: such a template would not go to AWS unchanged.

    Raises:
        ValidationError
    """
    for name in _extensions(document):
        raise ValidationError(f"Template format error: {name} requires the transform {LANGUAGE_EXTENSIONS}")


def _extensions(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _extensions(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in _FUNCTIONS or str(name).startswith("Fn::ForEach::"):
                yield str(name)
            elif name == "Fn::FindInMap" and isinstance(one, list) and len(one) == 4:
                yield "the DefaultValue of Fn::FindInMap"
            yield from _extensions(one)
