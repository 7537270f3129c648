"""Checks: one closure per constrained shape, and how a failure reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.protocol.models.description import Shape
from sagehen.protocol.validation.patterns import compile_pattern

# Values are quoted in messages; a megabyte of input need not come back.
_SHOWN_CHARACTERS = 1024
# A list of 100,000 nulls need not be answered by 100,000 sentences.
_MOST_FAILURES = 100
# A value that is too long is matched as well, for AWS names both faults; but not any value.
_MATCHED_CHARACTERS = 1024
_NOT_NULL = "Member must not be null"
# Enums that the service itself checks: AWS's own words for them are others.
_CHECKED_BY_SERVICE = frozenset((
    ("lambda", "CreateFunctionRequest", "Runtime"),
    ("lambda", "UpdateFunctionConfigurationRequest", "Runtime"),
))  # fmt: skip
# Patterns, likewise.
_PATTERNS_CHECKED_BY_SERVICE = frozenset((("iam", "pathType"),))
# Enumerations of S3 whose refusal has a code of its own, or depends on the region.
_WORDED_BY_S3 = frozenset(
    (
        "BucketCannedACL",
        "BucketLocationConstraint",
        "FilterRuleName",
        "ObjectCannedACL",
        "ObjectOwnership",
        "Protocol",
        "StorageClass",
    )
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One constraint that a value does not satisfy.

    Args:
        wire_path: Where, with the model's own names: `ProductionVariants.1.member.VariantName`.
        shown: The value as AWS prints it; `***` for secrets.
        constraint: `Member must …`.
        missing: A required member is absent.
    """

    wire_path: str
    shown: str
    constraint: str
    missing: bool = False

    def text(self, within: str = "", *, quoted: bool = True) -> str:
        """Return AWS's sentence.

        Args:
            within: What goes before the path.
            quoted: False for IAM, which shows neither the value nor the set of an enum (recorded).
        """
        parts = [within] if within else []
        path = ".".join([*parts, *(part[:1].lower() + part[1:] for part in self.wire_path.split("."))])
        value = "null" if self.missing else f"'{self.shown}'"
        if not quoted:
            rule = "Member must satisfy enum value set"
            constraint = rule if self.constraint.startswith(rule) else self.constraint
            return f"Value at '{path}' failed to satisfy constraint: {constraint}"
        return f"Value {value} at '{path}' failed to satisfy constraint: {self.constraint}"


Check = Callable[[Any, str, list[Failure]], None]
# Tells what a scalar violates, as AWS's clauses.
Clauses = Callable[[Any], list[str]]


def structure_check(shape: Shape, *, enforce_text: bool) -> Check | None:
    """Compile the check of an operation's input.

    Args:
        shape: The input structure.
        enforce_text: Check length, range and pattern; S3 words those refusals by itself.
    """
    return _Checks(enforce_text).check(shape)


class _Checks:
    def __init__(self, enforce_text: bool) -> None:
        self._enforce_text = enforce_text
        self._made: dict[Shape, Check | None] = {}
        self._open: set[Shape] = set()

    def check(self, shape: Shape) -> Check | None:
        """Return the check of a shape; None where nothing below it is constrained."""
        if shape in self._made:
            return self._made[shape]
        if shape in self._open:  # recursive: look the finished check up when it runs
            return self._later(shape)
        self._open.add(shape)
        make = {"structure": self._structure, "list": self._list, "map": self._map}
        self._made[shape] = made = make.get(shape.type, self._scalar)(shape)
        self._open.discard(shape)
        return made

    def _later(self, shape: Shape) -> Check:
        return lambda value, path, failures: (self._made[shape] or _nothing)(value, path, failures)

    def _structure(self, shape: Shape) -> Check | None:
        if shape.is_event_stream:
            return None
        required = shape.required
        checks = (
            (name, self.check(member))
            for name, member in shape.members.items()
            if (shape.service.name, shape.name, name) not in _CHECKED_BY_SERVICE
        )
        members = [(name, member_check) for name, member_check in checks if member_check is not None]
        if not required and not members:
            return None

        def check(value: Mapping[str, Any], path: str, failures: list[Failure]) -> None:
            prefix = f"{path}." if path else ""
            for name in required:
                if value.get(name) is None:
                    failures.append(Failure(prefix + name, "null", _NOT_NULL, missing=True))
            for name, member_check in members:
                if len(failures) >= _MOST_FAILURES:
                    return
                item = value.get(name)
                if item is not None:
                    member_check(item, prefix + name, failures)

        return check

    def _list(self, shape: Shape) -> Check | None:
        size = _size_clauses(shape) if self._enforce_text else None
        nested = shape.member.type in ("structure", "list", "map")
        item_check = self.check(shape.member) if nested else None
        item_clauses = None if nested else self._clauses(shape.member)
        all_clauses = ", ".join(_all_clauses(shape.member))
        secret = bool(shape.traits.get("sensitive") or shape.member.traits.get("sensitive"))

        def check(value: list[Any], path: str, failures: list[Failure]) -> None:
            for clause in size(value) if size else ():
                failures.append(Failure(path, _show(value, secret), clause))
            for index, item in enumerate(value, 1):
                if len(failures) >= _MOST_FAILURES:
                    return
                if item is None:
                    member = f"{path}.{index}.member"
                    failures.append(Failure(member, "null", _NOT_NULL, missing=True))
                elif item_check is not None:
                    item_check(item, f"{path}.{index}.member", failures)
                elif item_clauses is not None and item_clauses(item):
                    constraint = f"Member must satisfy constraint: [{all_clauses}]"
                    failures.append(Failure(path, _show(value, secret), constraint))
                    return  # AWS names the list once, whatever the number of bad items

        return check

    def _map(self, shape: Shape) -> Check | None:
        size = _size_clauses(shape) if self._enforce_text else None
        nested = shape.value.type in ("structure", "list", "map")
        value_check = self.check(shape.value) if nested else None
        clauses = {"keys": self._clauses(shape.key), "value": None if nested else self._clauses(shape.value)}
        texts = {"keys": ", ".join(_all_clauses(shape.key)), "value": ", ".join(_all_clauses(shape.value))}
        secret = any(part.traits.get("sensitive") for part in (shape, shape.key, shape.value))

        def check(value: dict[str, Any], path: str, failures: list[Failure]) -> None:
            for clause in size(value) if size else ():
                failures.append(Failure(path, _show(value, secret), clause))
            for what, items in (("keys", value.keys()), ("value", value.values())):
                part = clauses[what]
                # A null is refused whatever else the map demands: handlers expect values.
                if any(item is None or (part is not None and part(item)) for item in items):
                    constraint = f"Map {what} must satisfy constraint: [{texts[what]}]"
                    failures.append(Failure(path, _show(value, secret), constraint))
            if value_check is not None:
                for key, item in value.items():
                    if len(failures) >= _MOST_FAILURES:
                        return
                    if item is not None:
                        value_check(item, f"{path}.{key}.member", failures)

        return check

    def _scalar(self, shape: Shape) -> Check | None:
        clauses = self._clauses(shape)
        if clauses is None:
            return None
        secret = bool(shape.traits.get("sensitive"))

        def check(value: Any, path: str, failures: list[Failure]) -> None:
            for clause in clauses(value):
                failures.append(Failure(path, _show(value, secret), clause))

        return check

    def _clauses(self, shape: Shape) -> Clauses | None:
        return _scalar_clauses(shape, self._enforce_text)


def _scalar_clauses(shape: Shape, enforce_text: bool) -> Clauses | None:
    if "enum" in shape.traits:
        if not enforce_text and shape.name in _WORDED_BY_S3:
            return None
        allowed = frozenset(shape.traits["enum"])
        text = _enum_clause(shape)
        return lambda value: [] if value in allowed else [text]
    if not enforce_text:
        return None
    if shape.type in ("integer", "long", "float", "double"):
        return _range_clauses(shape)
    if shape.type not in ("string", "blob"):
        return None
    size = _size_clauses(shape)
    source = shape.traits.get("pattern")
    if not source or (shape.service.name, shape.name) in _PATTERNS_CHECKED_BY_SERVICE:
        return size
    clause = f"Member must satisfy regular expression pattern: {source}"
    limit = min(4 * shape.traits["max"], _MATCHED_CHARACTERS) if "max" in shape.traits else 1 << 20
    limit = max(limit, shape.traits.get("max", 0))

    def check(value: Any) -> list[str]:
        broken = size(value) if size else []
        # Values that are far too long do not get to exercise the expression.
        if len(value) > limit:
            return broken
        # Compiled with its first value: all those of CreateTrainingJob at once held the loop for 50 ms.
        pattern = compile_pattern(source)
        return broken if pattern is None or pattern.fullmatch(value) else [*broken, clause]

    return check


def _size_clauses(shape: Shape) -> Clauses | None:
    low, high = shape.traits.get("min"), shape.traits.get("max")
    if low is None and high is None:
        return None
    low, high = low or 0, high if high is not None else 1 << 62

    def check(value: Any) -> list[str]:
        # A stream has no length yet; whoever reads it limits it.
        size = len(value) if hasattr(value, "__len__") else low
        if low <= size <= high:
            return []
        if size > high:
            return [f"Member must have length less than or equal to {high}"]
        return [f"Member must have length greater than or equal to {low}"]

    return check


def _range_clauses(shape: Shape) -> Clauses | None:
    low, high = shape.traits.get("min"), shape.traits.get("max")
    if low is None and high is None:
        return None

    def check(value: Any) -> list[str]:
        if high is not None and value > high:
            return [f"Member must have value less than or equal to {high}"]
        if low is not None and value < low:
            return [f"Member must have value greater than or equal to {low}"]
        return []

    return check


def _all_clauses(shape: Shape) -> list[str]:
    """Everything that a shape demands: AWS recites it all where an item of a list or map fails."""
    if "enum" in shape.traits:
        return [_enum_clause(shape), _NOT_NULL]
    kind = "length" if shape.type in ("string", "blob") else "value"
    clauses = []
    if (high := shape.traits.get("max")) is not None:
        clauses.append(f"Member must have {kind} less than or equal to {high}")
    if (low := shape.traits.get("min")) is not None:
        clauses.append(f"Member must have {kind} greater than or equal to {low}")
    if pattern := shape.traits.get("pattern"):
        clauses.append(f"Member must satisfy regular expression pattern: {pattern}")
    return [*clauses, _NOT_NULL]


def _enum_clause(shape: Shape) -> str:
    values = shape.traits["enum"]
    shown = _RECORDED_ORDERS.get(frozenset(values), values)
    return f"Member must satisfy enum value set: [{', '.join(shown)}]"


# AWS prints some enums in an order of its own, which follows from nothing in the model: recorded ones.
_RECORDED_ORDERS = {
    frozenset(order): order
    for order in (
        ("INSUFFICIENT_DATA", "ALARM", "OK"),
        ("add", "remove", "move", "test", "replace", "copy"),
        ("HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"),
        (
            "RESPONSE_BODY",
            "RESPONSE",
            "METHOD",
            "MODEL",
            "AUTHORIZER",
            "RESPONSE_HEADER",
            "RESOURCE",
            "PATH_PARAMETER",
            "REQUEST_BODY",
            "QUERY_PARAMETER",
            "API",
            "REQUEST_HEADER",
        ),
        (
            "REQUEST_TOO_LARGE",
            "RESOURCE_NOT_FOUND",
            "AUTHORIZER_CONFIGURATION_ERROR",
            "MISSING_AUTHENTICATION_TOKEN",
            "BAD_REQUEST_BODY",
            "INVALID_SIGNATURE",
            "INVALID_API_KEY",
            "BAD_REQUEST_PARAMETERS",
            "AUTHORIZER_FAILURE",
            "UNAUTHORIZED",
            "INTEGRATION_TIMEOUT",
            "ACCESS_DENIED",
            "DEFAULT_4XX",
            "DEFAULT_5XX",
            "WAF_FILTERED",
            "QUOTA_EXCEEDED",
            "THROTTLED",
            "API_CONFIGURATION_ERROR",
            "UNSUPPORTED_MEDIA_TYPE",
            "INTEGRATION_FAILURE",
            "EXPIRED_TOKEN",
        ),
    )
}


def _show(value: Any, secret: bool) -> str:
    """Print a value as Java does; secrets never."""
    if secret:
        return "***"
    if isinstance(value, bytes):
        return "java.nio.HeapByteBuffer"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        # Members of structures may be secrets: their values are left out.
        return f"[{', '.join(_shown_item(item) for item in value)}]"[:_SHOWN_CHARACTERS]
    if isinstance(value, dict):
        shown = (f"{key}={_shown_item(item)}" for key, item in value.items())
        return f"{{{', '.join(shown)}}}"[:_SHOWN_CHARACTERS]
    return str(value)[:_SHOWN_CHARACTERS]


def _shown_item(item: Any) -> str:
    if item is None:
        return "null"
    return "..." if isinstance(item, dict | list) else str(item)


def _nothing(value: Any, path: str, failures: list[Failure]) -> None:
    return None
