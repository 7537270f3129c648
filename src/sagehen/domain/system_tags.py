"""System tags: keys that begin with `aws:`, which the platform puts on resources and nobody else may touch.

Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html: they count against no limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_PREFIX = "aws:"


class SystemKey(str):
    """The key of a system tag as the platform gives it; nothing that comes by a wire is one."""

    __slots__ = ()


def is_system(key: str) -> bool:
    """Tell whether a tag of this key is a system tag."""
    return key.lower().startswith(_PREFIX)


def is_reserved(key: str) -> bool:
    """Tell whether a key may not be in a request: it is AWS's, and it is not the platform that gives it."""
    return is_system(key) and not isinstance(key, SystemKey)


def reserved(keys: Iterable[str]) -> bool:
    """Tell whether any of the keys may not be in a request."""
    return any(is_reserved(key) for key in keys)


def counted(tags: Mapping[str, str]) -> int:
    """Return how many of the tags count against a limit."""
    return sum(not is_system(key) for key in tags)
