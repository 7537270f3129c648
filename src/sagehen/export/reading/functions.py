"""Functions with their code and what belongs to each; layers."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.export.graph.names import camel
from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Image, Key, Named, Package
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.permissions import permissions
from sagehen.export.reading.reverse import properties, trimmed, without_defaults
from sagehen.export.reading.versions import ALIAS, versions

FUNCTION, URL, ASYNCHRONOUS, LAYER = (
    f"AWS::Lambda::{noun}" for noun in ("Function", "Url", "EventInvokeConfig", "LayerVersion")
)


def functions(asked: Asked) -> Iterator[Node]:
    """Yield functions, each with what belongs to it, and the layers that they use."""
    layers: set[str] = set()
    for listed in asked.all("lambda", "list_functions", "Functions"):
        name = listed["FunctionName"]
        if told := asked.one("lambda", "get_function", FunctionName=name):
            function = _function(asked, told)
            yield function
            _leave_out(asked, function)
            aliases = asked.all("lambda", "list_aliases", "Aliases", FunctionName=name)
            yield from _urls(asked, function)
            yield from versions(asked, function, aliases)
            yield from permissions(asked, function, aliases)
            layers |= {one["Arn"] for one in told["Configuration"].get("Layers") or ()}
    for arn in sorted(layers):
        yield from _layer(asked, arn)


def _function(asked: Asked, told: Mapping[str, Any]) -> Node:
    configuration = told["Configuration"]
    name = configuration["FunctionName"]
    described = {**configuration, "Tags": told.get("Tags"), "Layers": None}
    found = properties(FUNCTION, described, asked.input_shape("lambda", "CreateFunction"))
    if found.get("LoggingConfig") == {"LogGroup": f"/aws/lambda/{name}"}:
        del found["LoggingConfig"]
    if layers := configuration.get("Layers"):
        found["Layers"] = [one["Arn"] for one in layers]
    image = told["Code"].get("ImageUri")
    found["Code"] = (
        {"ImageUri": Image(image)}
        if image
        else _package(name, told["Code"]["Location"], configuration["CodeSha256"])
    )
    reserved = (told.get("Concurrency") or {}).get("ReservedConcurrentExecutions")
    if reserved is not None:
        found["ReservedConcurrentExecutions"] = reserved
    loops = asked.one("lambda", "get_function_recursion_config", FunctionName=name).get("RecursiveLoop")
    if loops == "Allow":
        found["RecursiveLoop"] = loops
    return Node(Key(FUNCTION, name), name, found, {configuration["FunctionArn"]: "Arn"})


def _leave_out(asked: Asked, function: Node) -> None:
    name = function.key.identity
    named = {"FunctionName": name}
    if count := len(asked.all("lambda", "list_event_source_mappings", "EventSourceMappings", **named)):
        asked.leave_out(f"{count} event source mappings of the function {name}", function.key)
    if asked.one("lambda", "get_function_code_signing_config", **named).get("CodeSigningConfigArn"):
        asked.leave_out(f"code signing of the function {name}", function.key)
    if asked.one("lambda", "get_runtime_management_config", **named).get("UpdateRuntimeOn", "Auto") != "Auto":
        asked.leave_out(f"how the runtime of the function {name} is updated", function.key)


def _package(name: str, location: str, sha256: str) -> Package:
    """Return a package that lies where Lambda says; of another content it would be another file.

    Args:
        sha256: In base64, as Lambda tells it.
    """
    digest = b64decode(sha256).hex()
    return Package(f"packages/{camel(name)}-{digest[:8]}.zip", location, digest)


def _urls(asked: Asked, function: Node) -> Iterator[Node]:
    name = function.key.identity
    for told in asked.all("lambda", "list_function_url_configs", "FunctionUrlConfigs", FunctionName=name):
        qualifier = told["FunctionArn"].split(":", 7)[7:]
        found = properties(URL, told, asked.input_shape("lambda", "CreateFunctionUrlConfig"))
        found["TargetFunctionArn"] = Named(function.key, "Arn", told["FunctionArn"])
        if qualifier:
            found["Qualifier"] = qualifier[0]
        label = f"{name} {' '.join(qualifier)}"
        yield Node(
            Key(URL, told["FunctionArn"]),
            label,
            found,
            part_of=(function.key,),
            after=_alias_of(name, qualifier),
        )
    for told in asked.all(
        "lambda", "list_function_event_invoke_configs", "FunctionEventInvokeConfigs", FunctionName=name
    ):
        qualifier = told["FunctionArn"].split(":", 7)[7:] or ["$LATEST"]
        shape = asked.input_shape("lambda", "PutFunctionEventInvokeConfig")
        found = without_defaults(ASYNCHRONOUS, trimmed(shape, told))
        found |= {"FunctionName": Named(function.key, "", name), "Qualifier": qualifier[0]}
        yield Node(
            Key(ASYNCHRONOUS, told["FunctionArn"]),
            name,
            found,
            part_of=(function.key,),
            after=_alias_of(name, qualifier),
        )


def _alias_of(name: str, qualifier: list[str]) -> tuple[Key, ...]:
    return (Key(ALIAS, f"{name}:{qualifier[0]}"),) if qualifier and qualifier[0] != "$LATEST" else ()


def _layer(asked: Asked, arn: str) -> Iterator[Node]:
    parts = arn.split(":")
    name = parts[6]
    if parts[4] != asked.account_id:
        asked.leave_out(f"layer {arn}: it is another account's")
        return
    told = asked.one("lambda", "get_layer_version_by_arn", Arn=arn)
    if not told:
        return
    if asked.one("lambda", "get_layer_version_policy", LayerName=name, VersionNumber=int(parts[7])):
        asked.leave_out(f"permissions of the layer {name}", Key(LAYER, arn))
    content = told["Content"]
    found = properties(LAYER, told, asked.input_shape("lambda", "PublishLayerVersion"))
    found |= {
        "LayerName": name,
        "Content": _package(f"{name} layer", content["Location"], content["CodeSha256"]),
    }
    yield Node(Key(LAYER, arn), name, found, {arn: ""}, generated=True)
