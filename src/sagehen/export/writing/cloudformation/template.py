"""The template: resources as a document whose references are values of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.export.graph.exported import Exported
from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Package, Place, Ref, Setting, Text

FILLED = "BucketsFilled"
_CONDITION = "Filled"
_BUCKET = "AWS::S3::Bucket"


@dataclass(frozen=True, slots=True)
class Function:
    """An intrinsic function in its short form: `!Ref x`."""

    name: str
    argument: Any


def template(told: Exported) -> dict[str, Any]:
    """Return a template's document.

    What reads objects waits for the condition: buckets come first, somebody fills them, then the rest.
    """
    parameters = {setting.name: _parameter(setting) for setting in told.settings}
    document: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09"}
    if told.late:
        parameters[FILLED] = {
            "Type": "String",
            "AllowedValues": ["no", "yes"],
            "Default": "yes",
            "Description": "no makes only what needs neither model data nor packages: the buckets for them.",
        }
        document["Conditions"] = {_CONDITION: Function("Equals", [Function("Ref", FILLED), "yes"])}
    if parameters:
        document["Parameters"] = parameters
    document["Resources"] = {told.names[node.key]: _resource(node, told) for node in told.nodes}
    if outputs := _outputs(told):
        document["Outputs"] = outputs
    order = ("AWSTemplateFormatVersion", "Parameters", "Conditions", "Resources", "Outputs")
    return {name: document[name] for name in order if name in document}


def _parameter(setting: Setting) -> dict[str, Any]:
    found: dict[str, Any] = {"Type": "String", "Description": setting.about}
    if setting.default is not None:
        found["Default"] = setting.default
    return found


def _resource(node: Node, told: Exported) -> dict[str, Any]:
    found: dict[str, Any] = {"Type": node.type}
    if node.key in told.late:
        found["Condition"] = _CONDITION
    if after := [told.names[key] for key in node.after if key in told.names]:
        found["DependsOn"] = after if len(after) > 1 else after[0]
    if node.type == _BUCKET:
        # What lies in it is more than a stack can bring back.
        found |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    found["Properties"] = {name: value(one, told) for name, one in node.properties.items()}
    return found


def value(given: Any, told: Exported) -> Any:
    """Return a value with its references as functions."""
    if isinstance(given, Mapping):
        return {name: value(one, told) for name, one in given.items()}
    if isinstance(given, list):
        return [value(one, told) for one in given]
    if isinstance(given, Package):
        bucket = given.bucket.name if given.bucket else ""
        return {"S3Bucket": Function("Ref", bucket), "S3Key": given.file}
    if isinstance(given, Text):
        return Function("Sub", "".join(_substituted(part, told) for part in given.parts))
    if isinstance(given, Ref | Place | Setting):
        name = _reference(given, told)
        return Function("GetAtt" if "." in name else "Ref", name)
    if isinstance(given, str) and "${" in given:
        return Function("Sub", _substituted(given, told))  # as it is: nothing is put into it
    return int(given) if isinstance(given, float) and given.is_integer() else given


def _substituted(part: Any, told: Exported) -> str:
    if isinstance(part, str):
        return re.sub(r"\$\{", "${!", part)
    return f"${{{_reference(part, told)}}}"


def _reference(part: Any, told: Exported) -> str:
    if isinstance(part, Setting):
        return part.name
    if isinstance(part, Place):
        return f"AWS::{part.value}"
    assert isinstance(part, Ref)
    name = told.names[part.key]
    return f"{name}.{part.attribute}" if part.attribute else name


def _outputs(told: Exported) -> dict[str, Any]:
    """Return the addresses of stages: nobody can know them before."""
    found: dict[str, Any] = {}
    for node in told.nodes:
        if node.type != "AWS::ApiGateway::Stage":
            continue
        api, stage = value(node.properties["RestApiId"], told), told.names[node.key]
        address = f"https://${{{api.argument}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/${{{stage}}}"
        output: dict[str, Any] = {"Value": Function("Sub", address)}
        found[f"{stage}Url"] = ({"Condition": _CONDITION} if node.key in told.late else {}) | output
    return found
