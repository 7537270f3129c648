"""Permissions: the statements of a function's policy, as AddPermission would write each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named, Text
from sagehen.export.reading.asking import Asked

PERMISSION = "AWS::Lambda::Permission"
# Condition keys of statements, lower case -> the property that makes them.
_PROPERTIES = {
    "aws:sourcearn": "SourceArn",
    "aws:sourceaccount": "SourceAccount",
    "lambda:functionurlauthtype": "FunctionUrlAuthType",
    "lambda:eventsourcetoken": "EventSourceToken",
    "aws:principalorgid": "PrincipalOrgID",
    "lambda:invokedviafunctionurl": "InvokedViaFunctionUrl",
}


def permissions(asked: Asked, function: Node, aliases: Collection[Mapping[str, Any]]) -> Iterator[Node]:
    """Yield the permissions on a function and on its aliases."""
    name = function.key.identity
    for qualifier in ("", *(alias["Name"] for alias in aliases)):
        request = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
        text = asked.one("lambda", "get_policy", **request).get("Policy")
        for statement in json.loads(text)["Statement"] if text else ():
            found = permission(statement)
            if found is None:
                asked.leave_out(
                    f"a statement of the policy of the function {name}: {statement['Sid']}", function.key
                )
                continue
            alias = (Key("AWS::Lambda::Alias", f"{name}:{qualifier}"),) if qualifier else ()
            found["FunctionName"] = (
                Text((Named(function.key, "Arn", name), f":{qualifier}"))
                if qualifier
                else Named(function.key, "", name)
            )
            yield Node(
                Key(PERMISSION, f"{name}:{qualifier}:{statement['Sid']}"),
                " ".join(filter(None, (name, qualifier, _caller(found["Principal"])))),
                found,
                part_of=(function.key,),
                after=alias,
            )


def _caller(principal: str) -> str:
    """Return a word for who is let in; a statement's own id is often a drawn one."""
    if principal == "*":
        return "public"
    return (
        principal.removesuffix(".amazonaws.com") if "amazonaws" in principal else principal.rpartition("/")[2]
    )


def permission(statement: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the properties of what would write a statement; None where nothing would."""
    principal = statement["Principal"]
    if isinstance(principal, Mapping):
        [(_, principal)] = list(principal.items())[:1]
    found: dict[str, Any] = {"Action": statement["Action"], "Principal": principal}
    for condition in (statement.get("Condition") or {}).values():
        for key, value in condition.items():
            if (name := _PROPERTIES.get(key.lower())) is None or not isinstance(value, str | bool):
                return None
            found[name] = value
    if "InvokedViaFunctionUrl" in found:
        found["InvokedViaFunctionUrl"] = str(found["InvokedViaFunctionUrl"]).lower() == "true"
    return found if isinstance(principal, str) and statement["Effect"] == "Allow" else None
