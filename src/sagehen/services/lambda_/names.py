"""FunctionReference: how requests name functions, and the ARNs of what Lambda keeps. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import InvalidParameterValueException, ResourceNotFoundException

LATEST = "$LATEST"

# A name, a partial ARN (`123456789012:function:name`) or a full one, each with or without a qualifier.
_REFERENCE = re.compile(
    r"(?:arn:(?P<partition>aws[a-zA-Z-]*):lambda:)?(?:(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d):)?"
    r"(?:(?P<account>\d{12}):)?(?:function:)?(?P<name>[a-zA-Z0-9-_.]+)"
    r"(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?"
)
_LAYER = re.compile(
    r"arn:(?P<partition>aws[a-zA-Z-]*):lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r":layer:(?P<name>[a-zA-Z0-9-_]+)(?::(?P<version>\d+))?"
)
# Documented: "If you specify only the function name, it is limited to 64 characters in length".
_NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class FunctionReference:
    """A function in its scope; `qualifier` is '' where none was given."""

    scope: Scope
    name: str
    qualifier: str = ""

    @property
    def unqualified_arn(self) -> str:
        return self.scope.arn("lambda", f"function:{self.name}")

    @property
    def arn(self) -> str:
        """The ARN as asked for: with the qualifier, if there is one."""
        return f"{self.unqualified_arn}:{self.qualifier}" if self.qualifier else self.unqualified_arn

    def qualified(self, qualifier: str) -> FunctionReference:
        """Return the same function with another qualifier; '' means none."""
        return FunctionReference(self.scope, self.name, qualifier)


def is_version(qualifier: str) -> bool:
    """Tell a version (`$LATEST`, `7`) from an alias."""
    return qualifier == LATEST or qualifier.isdigit()


def number_of(version: str) -> int:
    """Return a version's place in listings: `$LATEST` comes first."""
    return 0 if version == LATEST else int(version)


@lru_cache(maxsize=4096)
def parse_reference(scope: Scope, text: str, qualifier: str | None = None) -> FunctionReference:
    """Read a FunctionName with the Qualifier that came beside it.

    Raises:
        InvalidParameterValueException: It is no name, or it carries another qualifier.
        ResourceNotFoundException: It is in another region.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise InvalidParameterValueException(f"Invalid function name: {text}")
    if found["region"] not in (None, scope.region):
        raise ResourceNotFoundException(
            f"Functions from '{found['region']}' are not reachable in this region ('{scope.region}')"
        )
    inner = found["qualifier"]
    if inner and qualifier and inner != qualifier:
        raise InvalidParameterValueException(
            # Recorded.
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    account = found["account"] or scope.account_id
    owner = scope if account == scope.account_id else Scope(account, scope.region)
    return FunctionReference(owner, found["name"], qualifier or inner or "")


def require_name_length(reference: FunctionReference) -> None:
    """Refuse a new function's name that is too long; what only looks for one does not find it (recorded).

    Raises:
        InvalidParameterValueException.
    """
    if len(reference.name) > _NAME_LENGTH:
        raise InvalidParameterValueException(
            f"1 validation error detected: Value '{reference.name}' at 'functionName' failed to satisfy "
            f"constraint: Member must have length less than or equal to {_NAME_LENGTH}"
        )


def reference_of(context: RequestContext, request: Request) -> FunctionReference:
    """Return the function that a request's FunctionName and Qualifier name."""
    return parse_reference(context.scope, request["FunctionName"], request.get("Qualifier"))


def on_function(
    action: str | None = None,
    *,
    conditions: Callable[[Request], dict[str, ConditionValue]] | None = None,
) -> AccessRule:
    """Make the access rule of an operation on one function, version or alias."""

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        keys = conditions(request) if conditions else {}
        arn = reference_of(context, request).arn
        yield Access(f"lambda:{action or context.operation}", arn, keys)

    return rule


@dataclass(frozen=True, slots=True)
class LayerReference:
    """A layer in its scope, perhaps one version of it."""

    scope: Scope
    name: str
    version: int | None = None

    @property
    def layer_arn(self) -> str:
        return self.scope.arn("lambda", f"layer:{self.name}")

    @property
    def arn(self) -> str:
        return self.layer_arn if self.version is None else f"{self.layer_arn}:{self.version}"


def parse_layer(scope: Scope, text: str, version: int | None = None) -> LayerReference:
    """Read a layer's name or ARN.

    Raises:
        InvalidParameterValueException: It is neither.
    """
    if not text.startswith("arn:"):
        return LayerReference(scope, text, version)
    found = _LAYER.fullmatch(text)
    if found is None:
        raise InvalidParameterValueException(f"Invalid layer ARN: {text}")
    number = int(found["version"]) if found["version"] else version
    return LayerReference(Scope(found["account"], found["region"]), found["name"], number)
