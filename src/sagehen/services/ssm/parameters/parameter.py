"""Parameter: one version of a parameter as it is kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.ssm.parameters.names import PUBLIC, resource
from sagehen.store.database import Row

STANDARD, ADVANCED, INTELLIGENT = "Standard", "Advanced", "Intelligent-Tiering"
STRING, STRING_LIST, SECURE = "String", "StringList", "SecureString"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One version.

    Args:
        scope, name: Whose, and of which name.
        version: From 1.
        type: `String`, `StringList` or `SecureString`.
        value: A text; of a secret what KMS made of it, in base64.
        modified_at: When this version was put, UTC.
        modified_by: ARN of who did.
        key_id: The key as it was named, of secrets.
        key_arn: The key that it is encrypted with, of secrets.
        tier: `Standard` or `Advanced`.
        labels: Of this version.
    """

    scope: Scope
    name: str
    version: int
    type: str
    value: str
    modified_at: datetime
    modified_by: str = ""
    description: str = ""
    key_id: str = ""
    key_arn: str = ""
    allowed_pattern: str = ""
    tier: str = STANDARD
    data_type: str = "text"
    labels: tuple[str, ...] = field(default=())

    @property
    def arn(self) -> str:
        # What AWS publishes is nobody's.
        owner = Scope("", self.scope.region) if self.name.startswith(PUBLIC) else self.scope
        return owner.arn("ssm", resource(self.name))

    def body(self) -> str:
        """Return what a row keeps beside its key and its labels."""
        kept = asdict(self)
        for name in ("scope", "name", "version", "labels"):
            del kept[name]
        return json.dumps({**kept, "modified_at": self.modified_at.timestamp()})

    @staticmethod
    def read(scope: Scope, row: Row) -> Parameter:
        """Return the version of a row."""
        kept = json.loads(row["body"])
        kept["modified_at"] = datetime.fromtimestamp(kept["modified_at"], UTC)
        return Parameter(scope, row["name"], row["version"], labels=tuple(json.loads(row["labels"])), **kept)

    def shown(self, value: str, selector: str = "") -> dict[str, Any]:
        """Return a Parameter structure with the value as the request wants it."""
        return {
            "Name": self.name,
            "Type": self.type,
            "Value": value,
            "Version": self.version,
            "Selector": selector or None,
            "LastModifiedDate": self.modified_at,
            "ARN": self.arn,
            "DataType": self.data_type,
        }

    def metadata(self) -> dict[str, Any]:
        """Return what DescribeParameters and GetParameterHistory tell of it."""
        return {
            "Name": self.name,
            "Type": self.type,
            "KeyId": self.key_id or None,
            "LastModifiedDate": self.modified_at,
            "LastModifiedUser": self.modified_by,
            "Description": self.description or None,
            "AllowedPattern": self.allowed_pattern or None,
            "Version": self.version,
            "Tier": self.tier,
            "Policies": [],
            "DataType": self.data_type,
        }
