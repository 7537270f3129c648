"""Parameters: what an execution may set, of which type, out of which values. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid

Value = str | int | float | bool
# The definition's JSON schema (aws-sagemaker-mlops), but for EnumValues, which the SDK writes.
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}\Z")
_MEMBERS = {"Name", "Type", "DefaultValue", "Description", "EnumValues"}
_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
}
# Documented: the shape ParameterList of StartPipelineExecution.
MOST = 200
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}\Z")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; without a default it has to be set."""

    name: str
    kind: str
    default: Value | None
    values: tuple[Value, ...]

    def read(self, text: str) -> Value:
        """Return what an execution sets.

        Raises:
            ValidationException: It is not of the type, or none of the values.
        """
        value = _read(self.kind, text)
        if value is None:
            raise ValidationException(
                f"Value '{text}' of parameter '{self.name}' is not of type {self.kind}."
            )
        if self.values and value not in self.values:
            raise ValidationException(
                f"Value '{text}' of parameter '{self.name}' failed to satisfy enum value set: "
                f"[{', '.join(map(str, self.values))}]"
            )
        return value


def parse(given: Any) -> dict[str, Parameter]:
    """Read a definition's Parameters.

    Raises:
        Invalid
    """
    if given is None:
        return {}
    if not isinstance(given, list) or len(given) > MOST:
        raise Invalid(f"Parameters must be a list of at most {MOST}.")
    found: dict[str, Parameter] = {}
    for one in given:
        parameter = _parameter(one)
        if parameter.name in found:
            raise Invalid(f"Duplicate parameter name '{parameter.name}'.")
        found[parameter.name] = parameter
    return found


def _parameter(given: Any) -> Parameter:
    name = given.get("Name") if isinstance(given, dict) else None
    if not isinstance(name, str) or not _NAME.match(name):
        raise Invalid(f"Invalid parameter name '{name}'.")
    kind = given.get("Type", "String")
    if unknown := sorted(given.keys() - _MEMBERS):
        raise Invalid(f"Unknown member '{unknown[0]}' of parameter '{name}'.")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise Invalid(f"Invalid type '{kind}' of parameter '{name}'.")
    default, values = given.get("DefaultValue"), given.get("EnumValues") or []
    if not isinstance(values, list):
        raise Invalid(f"Invalid EnumValues of parameter '{name}'.")
    for value in (*values, *(() if default is None else (default,))):
        if not isinstance(value, _TYPES[kind]) or (kind != "Boolean" and isinstance(value, bool)):
            raise Invalid(f"Value '{value}' of parameter '{name}' is not of type {kind}.")
    if values and default is not None and default not in values:
        raise Invalid(f"The default value of parameter '{name}' is none of its EnumValues.")
    return Parameter(name, kind, default, tuple(values))


def values_of(parameters: Mapping[str, Parameter], given: Sequence[Mapping[str, str]]) -> dict[str, Value]:
    """Return the value of each parameter in an execution; the words are ours.

    Raises:
        ValidationException: One is unknown, given twice, of another type, or not given and without a default.
    """
    values: dict[str, Value] = {}
    for one in given:
        parameter = parameters.get(one["Name"])
        if parameter is None:
            raise ValidationException(f"The pipeline has no parameter '{one['Name']}'.")
        if parameter.name in values:
            raise ValidationException(f"Parameter '{parameter.name}' is given twice.")
        values[parameter.name] = parameter.read(one["Value"])
    for name, parameter in parameters.items():
        if name not in values:
            if parameter.default is None:
                raise ValidationException(f"Parameter '{name}' has no default value: it must be given.")
            values[name] = parameter.default
    return {name: values[name] for name in parameters}


def _read(kind: str, text: str) -> Value | None:
    if kind == "String":
        return text
    if kind == "Integer":
        return int(text) if _INTEGER.match(text) else None
    if kind == "Boolean":  # the SDK sends Python's True
        return {"true": True, "false": False}.get(text.lower())
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
