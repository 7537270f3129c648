"""The order of keys: UTF-8 bytes, as S3 lists them and SQLite compares them."""

from __future__ import annotations

# To SQLite every BLOB is greater than any TEXT: an upper bound that keeps the range scan's shape.
BEYOND_ALL_KEYS = b""


def successor(prefix: str) -> str | None:
    """Return the least string greater than everything that begins with `prefix`; None if there is none."""
    for index in range(len(prefix) - 1, -1, -1):
        point = ord(prefix[index])
        if point < 0x10FFFF:
            following = 0xE000 if point == 0xD7FF else point + 1  # over the surrogates
            return prefix[:index] + chr(following)
    return None
