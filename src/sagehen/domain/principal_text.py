"""Principals as JSON text: for who must know later on whose behalf something was begun."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime

from sagehen.domain.identity import Principal, PrincipalKind

_MOMENTS = ("issued_at", "mfa_at")


def to_json(principal: Principal) -> str:
    """Return a principal as text that `from_json` reads."""
    members = {field.name: getattr(principal, field.name) for field in fields(principal)}
    members["kind"] = principal.kind.value
    for name in _MOMENTS:
        moment = getattr(principal, name)
        members[name] = moment.timestamp() if moment else None
    members["session_tags"] = dict(principal.session_tags)
    return json.dumps(members)


def from_json(text: str) -> Principal:
    """Return the principal of a text, which may be older than the newest members."""
    members = json.loads(text)
    members["kind"] = PrincipalKind(members["kind"])
    members["session_policies"] = tuple(members["session_policies"])
    members["transitive_tag_keys"] = tuple(members["transitive_tag_keys"])
    for name in _MOMENTS:
        if members.get(name) is not None:
            members[name] = datetime.fromtimestamp(members[name], UTC)
    return Principal(**members)
