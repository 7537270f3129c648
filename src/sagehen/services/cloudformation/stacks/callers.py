"""Callers: who asked for what a stack does, kept beyond a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sagehen.domain.identity import Principal, PrincipalKind

_MOMENTS = ("issued_at", "mfa_at")


def kept(principal: Principal) -> dict[str, Any]:
    """Return a principal as JSON can hold it; no secret is in it."""
    found = asdict(principal)
    found["kind"] = principal.kind.value
    for name in _MOMENTS:
        found[name] = found[name].isoformat() if found[name] else None
    return found


def of_kept(found: Mapping[str, Any]) -> Principal:
    """Return the principal."""
    values = {**found, "kind": PrincipalKind(found["kind"])}
    for name in _MOMENTS:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    for name in ("session_policies", "transitive_tag_keys"):
        values[name] = tuple(values[name])
    return Principal(**values)
