"""Answers of custom resources, read. Pure. Documented: Custom resource response objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.cloudformation.makers.contract import MakerFailed
from sagehen.services.cloudformation.makers.replies import MOST_REPLY_BYTES

_LONGEST_ID_BYTES = 1024


def answer_of(body: bytes, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a function answered to a request: `PhysicalResourceId`, `Data`, `NoEcho`.

    Raises:
        MakerFailed: It says FAILED, or is no answer to this request. With AWS's words, from public issues.
    """
    if len(body) > MOST_REPLY_BYTES:
        raise MakerFailed("Response object is too long.")
    try:
        found = read_json(body)
    except NotJson:
        found = None
    if not isinstance(found, dict):
        raise MakerFailed("Invalid Response object: it is no JSON object.")
    status = found.get("Status")
    if status not in ("SUCCESS", "FAILED"):
        raise MakerFailed("Invalid Response object: Value of property Status must be SUCCESS or FAILED.")
    if status == "FAILED":
        raise MakerFailed(
            f"Received response status [FAILED] from custom resource. Message returned: "
            f"{found.get('Reason') or ''} (RequestId: {request['RequestId']})"
        )
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        if found.get(name) != request[name]:
            raise MakerFailed(f"Invalid Response object: {name} is not that of the request.")
    identity = found.get("PhysicalResourceId")
    if not isinstance(identity, str) or not 0 < len(identity.encode()) <= _LONGEST_ID_BYTES:
        raise MakerFailed("Invalid PhysicalResourceId")
    data = found.get("Data") or {}
    if not isinstance(data, dict):
        raise MakerFailed("Invalid Response object: Data must be a map.")
    no_echo = str(found.get("NoEcho", "false")).lower() == "true"
    return {"PhysicalResourceId": identity, "Data": data, "NoEcho": no_echo}


def as_text(value: Any) -> Any:
    """Return properties as functions get them: numbers and truth as words (recorded, in public issues)."""
    if isinstance(value, dict):
        return {name: as_text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [as_text(one) for one in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
