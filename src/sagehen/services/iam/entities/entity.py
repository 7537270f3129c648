"""Entity: what users, groups, roles, instance profiles and managed policies have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any
from urllib.parse import quote


class Kind(Enum):
    """The value is the resource type in ARNs."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"
    INSTANCE_PROFILE = "instance-profile"
    POLICY = "policy"

    @property
    def id_prefix(self) -> str:
        return _ID_PREFIXES[self]


# Documented: IAM User Guide, IAM identifiers, "Unique identifiers".
_ID_PREFIXES = {
    Kind.USER: "AIDA",
    Kind.GROUP: "AGPA",
    Kind.ROLE: "AROA",
    Kind.INSTANCE_PROFILE: "AIPA",
    Kind.POLICY: "ANPA",
}


def entity_arn(account_id: str, kind: Kind, path: str, name: str) -> str:
    """Return an ARN; `path` begins and ends with a slash, and stands between the kind and the name."""
    return f"arn:aws:iam::{account_id}:{kind.value}{path}{name}"


@dataclass(frozen=True, slots=True)
class Entity:
    """One row of `iam_entities`.

    Args:
        unique_id: What other rows refer to, so that a rename changes nothing else.
        trust_policy: Of roles: the document as written.
        trust_principals: Of roles: ARN -> unique id of the users and roles named in it. AWS binds
            a trust policy to the entity, not to its name: a namesake made later is not trusted.
        max_session_s: Of roles: the longest session.
        boundary_arn: Of users and roles: the managed policy that bounds their permissions.
        default_version: Of policies: the number of the version in force.
    """

    account_id: str
    kind: Kind
    name: str
    path: str
    unique_id: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    trust_policy: str = ""
    trust_principals: Mapping[str, str] = field(default_factory=dict)
    max_session_s: int = 3600
    boundary_arn: str | None = None
    default_version: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)
    last_used_at: datetime | None = None
    last_used_region: str | None = None

    @property
    def arn(self) -> str:
        return entity_arn(self.account_id, self.kind, self.path, self.name)

    def tag_list(self) -> list[dict[str, str]]:
        """Return the tags as answers have them, in the order in which they were set."""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]

    def boundary(self) -> dict[str, str] | None:
        """Return the PermissionsBoundary structure, or None; AWS knows no other type than `Policy`."""
        if self.boundary_arn is None:
            return None
        return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": self.boundary_arn}


def without_unset(members: Mapping[str, Any]) -> dict[str, Any]:
    """Leave None and empty values out: AWS does not answer what is not set."""
    return {key: value for key, value in members.items() if value not in (None, [], {})}


def encoded(document: str) -> str:
    """Return a policy as IAM answers it: percent-encoded (RFC 3986)."""
    return quote(document, safe="-_.~")
