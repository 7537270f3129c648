"""Subscription: what an extension asks the Telemetry API, or the older Logs API, for. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sagehen.services.lambda_.execution.replies import Reply, refused

Api = Literal["telemetry", "logs"]

# Documented: the two references, `schemaVersion`. The Logs API has a default.
_SCHEMAS: Mapping[Api, tuple[str, ...]] = {
    "telemetry": ("2022-12-13", "2022-07-01", "2025-01-29"),
    "logs": ("2020-08-15", "2021-03-18"),
}
TYPES = ("platform", "function", "extension")
# Documented: "Buffering configuration": the default, the least and the most.
_BUFFERING = {
    "maxItems": (10_000, 1_000, 10_000),
    "maxBytes": (262_144, 262_144, 1_048_576),
    "timeoutMs": (1_000, 25, 30_000),
}
# Documented: listeners are inside the environment, and have this name there.
_URI = re.compile(r"http://sandbox(?:\.localdomain)?(?::(\d{1,5}))?(/[!-~]*)?")
_MOST_BODY_BYTES = 16_384
_MOST_PATH = 2_048


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one extension wants.

    Args:
        api: By which it asked.
        schema: How events are spelt.
        types: Of TYPES.
        protocol: Over which it gets them: an array of records with each request, or a record a line.
        port: Of its listener on the environment's loopback.
        method, path: Of the requests.
        max_items, max_bytes, timeout_ms: When a batch is due.
    """

    api: Api
    schema: str
    types: tuple[str, ...]
    protocol: Literal["HTTP", "TCP"]
    port: int
    method: Literal["POST", "PUT"] = "POST"
    path: str = "/"
    max_items: int = 10_000
    max_bytes: int = 262_144
    timeout_ms: int = 1_000


def subscription_in(api: Api, body: bytes, reserved_ports: tuple[int, ...]) -> Subscription | Reply:
    """Return what a request asks for, or its refusal, which names all that is wrong.

    Args:
        reserved_ports: Where the platform itself listens in there.
    """
    content: Any = None
    if len(body) <= _MOST_BODY_BYTES:
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            content = None
    if not isinstance(content, dict):
        return _invalid(api, ["the request is not an object"])
    wrong: list[str] = []
    schema: Any = content.get("schemaVersion", _SCHEMAS[api][0] if api == "logs" else None)
    if schema not in _SCHEMAS[api]:
        wrong.append(f"schemaVersion should be one of {', '.join(_SCHEMAS[api])}")
    types: Any = content.get("types")
    if not isinstance(types, list) or not types:
        wrong.append("types should not be empty")
    elif len(types) > 16 or any(one not in TYPES for one in types):
        wrong.append(f"types should be of {', '.join(TYPES)}")
    buffering = _buffering(content.get("buffering"), wrong)
    place = _destination(content.get("destination"), reserved_ports, wrong)
    if wrong:
        return _invalid(api, wrong)
    return Subscription(
        api=api,
        schema=schema,
        types=tuple(dict.fromkeys(types)),
        max_items=buffering["maxItems"],
        max_bytes=buffering["maxBytes"],
        timeout_ms=buffering["timeoutMs"],
        **place,
    )


def _buffering(given: Any, wrong: list[str]) -> dict[str, int]:
    given = {} if given is None else given
    chosen = {name: default for name, (default, _, _) in _BUFFERING.items()}
    if not isinstance(given, dict):
        wrong.append("buffering should be an object")
        return chosen
    for name, (default, least, most) in _BUFFERING.items():
        value = given.get(name, default)
        if type(value) is not int or not least <= value <= most:
            wrong.append(f"{name} should be between {least} and {most}")
        else:
            chosen[name] = value
    return chosen


def _destination(given: Any, reserved_ports: tuple[int, ...], wrong: list[str]) -> dict[str, Any]:
    given = given if isinstance(given, dict) else {}
    protocol, place = given.get("protocol"), {}
    if protocol == "HTTP":
        uri = given.get("URI")
        match = _URI.fullmatch(uri) if isinstance(uri, str) and len(uri) <= _MOST_PATH else None
        if match is None:
            wrong.append("URI should be http://sandbox.localdomain:PORT/PATH")
        elif match[1] is None:
            wrong.append("URI port is not provided")
        else:
            place = {"protocol": "HTTP", "port": int(match[1]), "path": match[2] or "/"}
        method = given.get("method", "POST")
        if method not in ("POST", "PUT"):
            wrong.append("method should be POST or PUT")
        place["method"] = method
    elif protocol == "TCP":
        port = given.get("port")
        if port is None and isinstance(uri := given.get("URI"), str):
            tail = uri.rpartition(":")[2]
            port = int(tail) if len(tail) <= 5 and tail.isascii() and tail.isdigit() else None
        place = {"protocol": "TCP", "port": port}
    else:
        wrong.append("protocol should be HTTP or TCP")
    port = place.get("port")
    is_port = type(port) is int and 0 < port < 65_536 and port not in reserved_ports
    if not is_port and (port is not None or protocol == "TCP"):
        wrong.append("port is not one to send to")
    return place


def _invalid(api: Api, wrong: list[str]) -> Reply:
    # Documented: the shape, and the first of these types, in the reference of each API.
    return refused("Logs.ValidationError" if api == "logs" else "ValidationError", "; ".join(wrong), 400)
