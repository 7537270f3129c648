"""Repository: the record."""

from __future__ import annotations

import fnmatch
import json
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sagehen.domain.scope import Scope

# Documented: ECR's model, RepositoryName. The groups are written so that no text is read twice.
NAME = re.compile(
    r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*",
)
MAX_NAME = 256


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository.

    Args:
        created_at: Seconds since the epoch.
        mutability: `MUTABLE`, `IMMUTABLE`, or one of these `_WITH_EXCLUSION`.
        exclusions: Patterns of tags (`*` stands for anything) that are the opposite.
        tags: Of the repository itself.
        policy: As the evaluator reads it; `policy_text` is as it was sent.
        lifecycle: The text of its lifecycle policy.
        evaluated_at: When that was last acted upon.
    """

    scope: Scope
    name: str
    created_at: float
    mutability: str = "MUTABLE"
    exclusions: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    policy: str | None = None
    policy_text: str | None = None
    lifecycle: str | None = None
    evaluated_at: float | None = None

    @property
    def arn(self) -> str:
        """Its ARN."""
        return repository_arn(self.scope, self.name)

    @property
    def uri(self) -> str:
        """Its URI, as clients push to it."""
        return f"{host_of(self.scope)}/{self.name}"

    def is_immutable(self, tag: str) -> bool:
        """Tell whether a tag stays with the image that has it first."""
        excluded = any(fnmatch.fnmatchcase(tag, _literal(pattern)) for pattern in self.exclusions)
        return self.mutability.startswith("IMMUTABLE") != excluded

    def with_(self, **changes: Any) -> Repository:
        """Return it changed."""
        return replace(self, **changes)

    def body(self) -> str:
        """Return what is stored of it, but for its key."""
        said = asdict(self)
        del said["scope"], said["name"]
        return json.dumps(said)

    @classmethod
    def read(cls, scope: Scope, name: str, body: str) -> Repository:
        """Read what `body` wrote."""
        said = json.loads(body)
        return cls(scope, name, **{**said, "exclusions": tuple(said["exclusions"])})

    def described(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        shown: dict[str, Any] = {
            "repositoryArn": self.arn,
            "registryId": self.scope.account_id,
            "repositoryName": self.name,
            "repositoryUri": self.uri,
            "createdAt": datetime.fromtimestamp(self.created_at, UTC),
            "imageTagMutability": self.mutability,
            "imageScanningConfiguration": {"scanOnPush": False},
            "encryptionConfiguration": {"encryptionType": "AES256"},
        }
        if self.exclusions:
            shown["imageTagMutabilityExclusionFilters"] = exclusion_filters(self.exclusions)
        return shown


def exclusion_filters(exclusions: tuple[str, ...]) -> list[dict[str, str]]:
    """Return patterns as the API shows them."""
    return [{"filterType": "WILDCARD", "filter": pattern} for pattern in exclusions]


def repository_arn(scope: Scope, name: str) -> str:
    """Return the ARN of a repository."""
    return scope.arn("ecr", f"repository/{name}")


def host_of(scope: Scope) -> str:
    """Return the host name of a registry."""
    suffix = "amazonaws.com.cn" if scope.partition == "aws-cn" else "amazonaws.com"
    return f"{scope.account_id}.dkr.ecr.{scope.region}.{suffix}"


def is_name(name: str) -> bool:
    """Tell whether a repository may be called so."""
    return 2 <= len(name) <= MAX_NAME and NAME.fullmatch(name) is not None


def _literal(pattern: str) -> str:
    """Return a pattern in which `*` alone is special, as fnmatch wants it."""
    return re.sub(r"([?\[])", r"[\1]", pattern)
