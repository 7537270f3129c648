"""How a transform job asks its model: of its request, and of what the container itself proposes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json

# Documented: CreateTransformJob's model.
DEFAULT_PAYLOAD_MB = 6
DEFAULT_TIMEOUT_S = 600
DEFAULT_RETRIES = 3
MOST_MB = 100
# Of payloads that are read while all that may be under way are: ours.
_READ_AHEAD_MB = 16


@dataclass(frozen=True, slots=True)
class Settings:
    """What goes to an instance, and how.

    Args:
        at_once: Requests under way at each instance.
        several: Whether a payload takes several records.
        timeout_s: For one request.
        retries: Further tries of one that fails.
    """

    at_once: int
    payload_mb: int
    several: bool
    timeout_s: int
    retries: int

    @property
    def payload_bytes(self) -> int:
        return self.payload_mb * 2**20

    @property
    def read_ahead(self) -> int:
        """Return how many objects more are read than are asked for: the next follows an answer at once."""
        return min(self.at_once, _READ_AHEAD_MB // self.payload_mb)


def proposed(status: int, body: bytes) -> dict[str, Any]:
    """Return what a container's answer to GET /execution-parameters proposes; nothing where it is none.

    Documented (How containers serve requests): MaxConcurrentTransforms, BatchStrategy, MaxPayloadInMB.
    """
    if status != 200 or len(body) > 65536:
        return {}
    try:
        found = read_json(body)
    except NotJson:
        return {}
    if not isinstance(found, dict):
        return {}
    usable: dict[str, Any] = {
        name: found[name]
        for name in ("MaxConcurrentTransforms", "MaxPayloadInMB")
        if type(found.get(name)) is int and 0 < found[name] <= MOST_MB
    }
    strategy = str(found.get("BatchStrategy", "")).replace("_", "").lower()
    strategies = {"multirecord": "MultiRecord", "singlerecord": "SingleRecord"}
    return usable | ({"BatchStrategy": strategies[strategy]} if strategy in strategies else {})


def settings_of(request: Mapping[str, Any], container: Mapping[str, Any]) -> Settings:
    """Return a job's settings: what it says, what its container proposes, AWS's defaults.

    Args:
        container: As `proposed` returns it.
    """
    client = request.get("ModelClientConfig") or {}
    at_once = request.get("MaxConcurrentTransforms") or container.get("MaxConcurrentTransforms") or 1
    payload = request.get("MaxPayloadInMB") or container.get("MaxPayloadInMB") or DEFAULT_PAYLOAD_MB
    strategy = request.get("BatchStrategy") or container.get("BatchStrategy") or "MultiRecord"
    split = request["TransformInput"].get("SplitType") or "None"
    return Settings(
        at_once=max(1, min(at_once, MOST_MB // payload)),
        payload_mb=payload,
        several=strategy == "MultiRecord" and split != "None",
        timeout_s=client.get("InvocationsTimeoutInSeconds", DEFAULT_TIMEOUT_S),
        retries=client.get("InvocationsMaxRetries", DEFAULT_RETRIES),
    )
