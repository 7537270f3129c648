"""For which host names a certificate is."""

from __future__ import annotations

from collections.abc import Collection


def is_for(names: Collection[str], host_name: str) -> bool:
    """Tell whether a Host header (lower case, without port) is one of a certificate's names.

    A wildcard stands for one label, the leftmost (RFC 6125, 6.4.3).
    """
    name = host_name.removeprefix("[").removesuffix("]")
    first, dot, rest = name.partition(".")
    return name in names or bool(first and dot and rest and f"*.{rest}" in names)
