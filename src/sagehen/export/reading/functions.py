"""Functions with their code and what belongs to each; layers."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator, Mapping
from hashlib import sha256
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
# Documented: a package is 250 MB at most unpacked; what is larger is no answer of Lambda's.
_MOST_BYTES = 262_144_000
_TIMEOUT_S = 60


def functions(asked: Asked) -> Iterator[Node]:
    """Yield functions, each with what belongs to it, and the layers that they use."""
    layers: set[str] = set()
    for listed in asked.all("lambda", "list_functions", "Functions"):
        name = listed["FunctionName"]
        if told := asked.one("lambda", "get_function", FunctionName=name):
            function = _function(asked, told)
            yield function
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
    found["Code"] = {"ImageUri": Image(image)} if image else _package(name, told["Code"]["Location"])
    reserved = (told.get("Concurrency") or {}).get("ReservedConcurrentExecutions")
    if reserved is not None:
        found["ReservedConcurrentExecutions"] = reserved
    return Node(Key(FUNCTION, name), name, found, {configuration["FunctionArn"]: "Arn"})


def _package(name: str, location: str) -> Package:
    """Fetch a package from where Lambda says that it is.

    Raises:
        OSError: It cannot be had.
    """
    if not location.startswith(("http://", "https://")):
        raise OSError(f"{location}: is no address of a package")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(location, timeout=_TIMEOUT_S) as answer:
        content: bytes = answer.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise OSError(f"the package of {name} is larger than {_MOST_BYTES} bytes")
    # A file's name of ours alone; with the content in it, so that another package is another key.
    return Package(f"packages/{camel(name)}-{sha256(content).hexdigest()[:8]}.zip", content)


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
    found = properties(LAYER, told, asked.input_shape("lambda", "PublishLayerVersion"))
    found |= {"LayerName": name, "Content": _package(f"{name} layer", told["Content"]["Location"])}
    yield Node(Key(LAYER, arn), name, found, {arn: ""}, generated=True)
