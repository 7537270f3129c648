"""Versions and aliases of functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.reverse import properties

VERSION, ALIAS = "AWS::Lambda::Version", "AWS::Lambda::Alias"


def versions(asked: Asked, function: Node, aliases: Sequence[Mapping[str, Any]]) -> Iterator[Node]:
    """Yield aliases, and a version for each that they lead to: of today's code, the only one there is."""
    name = function.key.identity
    today = _today(asked, name) if aliases else ""
    wanted = {version for alias in aliases for version in _led_to(alias)}
    for number in sorted(wanted - {"$LATEST"}):
        if number != today:
            asked.leave_out(f"version {number} of the function {name}: its code is not today's", function.key)
        of_function = {"FunctionName": Named(function.key, "", name)}
        yield Node(
            Key(VERSION, f"{name}:{number}"),
            f"{name} {number}",
            of_function,
            generated=True,
            part_of=(function.key,),
        )
    for alias in aliases:
        found: dict[str, Any] = properties(ALIAS, alias, asked.input_shape("lambda", "CreateAlias"))
        found["FunctionName"] = Named(function.key, "", name)
        found["FunctionVersion"] = _version(name, alias["FunctionVersion"])
        if weights := (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
            found["RoutingConfig"] = {
                "AdditionalVersionWeights": [
                    {"FunctionVersion": _version(name, number), "FunctionWeight": weight}
                    for number, weight in weights.items()
                ]
            }
        key, label = Key(ALIAS, f"{name}:{alias['Name']}"), f"{name} {alias['Name']}"
        provisioned = _provisioned(asked, name, alias["Name"])
        if provisioned:
            found["ProvisionedConcurrencyConfig"] = {"ProvisionedConcurrentExecutions": provisioned}
        yield Node(key, label, found, {alias["AliasArn"]: ""}, part_of=(function.key,))


def _led_to(alias: Mapping[str, Any]) -> list[str]:
    return [
        alias["FunctionVersion"],
        *((alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}),
    ]


def _today(asked: Asked, name: str) -> str:
    """Return the number of the version that has today's code; '' without one."""
    versions = asked.all("lambda", "list_versions_by_function", "Versions", FunctionName=name)
    now = next((one["CodeSha256"] for one in versions if one["Version"] == "$LATEST"), "")
    numbers = [one["Version"] for one in versions if one["CodeSha256"] == now and one["Version"] != "$LATEST"]
    return str(numbers[-1]) if numbers else ""


def _version(name: str, number: str) -> Any:
    return number if number == "$LATEST" else Named(Key(VERSION, f"{name}:{number}"), "Version", number)


def _provisioned(asked: Asked, name: str, alias: str) -> int | None:
    told = asked.one(
        "lambda",
        "get_provisioned_concurrency_config",
        absent="ProvisionedConcurrencyConfigNotFoundException",
        FunctionName=name,
        Qualifier=alias,
    )
    return told.get("RequestedProvisionedConcurrentExecutions")
