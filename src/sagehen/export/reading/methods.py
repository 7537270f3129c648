"""Methods of REST APIs, with their integrations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.functions import FUNCTION
from sagehen.export.reading.reverse import properties, spelled, trimmed, without_defaults

METHOD = "AWS::ApiGateway::Method"
_SERVICE = "apigateway"
_INVOKED = re.compile(r"/functions/arn:aws:lambda:[^:]+:[^:]+:function:([^:/]+)")
# Which URI an integration asks for more, and what was added by API Gateway: the resource's id.
_ADDED = ("cacheNamespace",)


def methods(asked: Asked, api: Key, name: str, resources: Sequence[Mapping[str, Any]]) -> Iterator[Node]:
    """Yield the methods of an API's resources."""
    for resource in resources:
        for verb, told in (resource.get("resourceMethods") or {}).items():
            yield _method(asked, api, name, resource, verb, told)


def _method(
    asked: Asked, api: Key, name: str, resource: Mapping[str, Any], verb: str, told: Mapping[str, Any]
) -> Node:
    found = properties(METHOD, told, asked.input_shape(_SERVICE, "PutMethod"))
    found |= {
        "RestApiId": Named(api, "", api.identity),
        "ResourceId": _resource(api, resource),
        "HttpMethod": verb,
    }
    for member, type_ in (("AuthorizerId", "Authorizer"), ("RequestValidatorId", "RequestValidator")):
        if member in found:
            key = Key(f"AWS::ApiGateway::{type_}", f"{api.identity}/{found[member]}")
            found[member] = Named(key, "", found[member])
    if responses := told.get("methodResponses"):
        shape = asked.input_shape(_SERVICE, "PutMethodResponse")
        found["MethodResponses"] = [_beside(trimmed(shape, one)) for one in responses.values()]
    part_of = [api]
    if integration := told.get("methodIntegration"):
        found["Integration"] = _integration(asked, integration)
        if match := _INVOKED.search(integration.get("uri") or ""):
            part_of.append(Key(FUNCTION, match[1]))
    key = Key(METHOD, f"{api.identity}/{resource['id']}/{verb}")
    label = f"{name} {resource['path']} {verb.lower()}"
    return Node(key, label, without_defaults(METHOD, found), part_of=tuple(part_of))


def _resource(api: Key, resource: Mapping[str, Any]) -> Named:
    if resource["path"] == "/":
        return Named(api, "RootResourceId", resource["id"])
    return Named(Key("AWS::ApiGateway::Resource", f"{api.identity}/{resource['id']}"), "", resource["id"])


def _integration(asked: Asked, told: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {name: one for name, one in told.items() if name not in (*_ADDED, "httpMethod")}
    shape = asked.input_shape(_SERVICE, "PutIntegration")
    found: dict[str, Any] = trimmed(shape, renamed)
    if verb := told.get("httpMethod"):
        found["IntegrationHttpMethod"] = verb
    if responses := told.get("integrationResponses"):
        of_response = asked.input_shape(_SERVICE, "PutIntegrationResponse")
        found["IntegrationResponses"] = [_beside(trimmed(of_response, one)) for one in responses.values()]
    return found


def _beside(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a response without what tells the method, which its place in a template tells."""
    return {
        name: one
        for name, one in found.items()
        if name not in (spelled("restApiId"), "ResourceId", "HttpMethod")
    }
