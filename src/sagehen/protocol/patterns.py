"""The models' regular expressions: Java's dialect, in Python's."""

from __future__ import annotations

import functools
import re
import unicodedata

# Java writes characters beyond the BMP as surrogate pairs; this is how the models span them all.
_SURROGATES = "\\uD800\\uDC00-\\uDBFF\\uDFFF"
_PROPERTY = re.compile(r"\\p\{(\w+)\}")
_POSIX = {
    "ASCII": r"\x00-\x7F",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Upper": "A-Z",
    "Lower": "a-z",
    "Space": r"\s",
    "Print": r"\x20-\x7E",
    "Graph": r"\x21-\x7E",
}


@functools.cache
def compile_pattern(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern that a whole value must match; None where Python has no equivalent.

    None means that the constraint is not checked: refusing valid input would be worse.
    """
    translated = pattern.replace(_SURROGATES, "\\U00010000-\\U0010FFFF").replace("\\z", "\\Z")
    try:
        return re.compile(_PROPERTY.sub(_translate, translated))
    except (re.error, ValueError, OverflowError):
        return None


def _translate(matched: re.Match[str]) -> str:
    name = matched[1]
    ranges = _POSIX.get(name) or _category(name.removeprefix("Is"))
    if not ranges:
        raise ValueError(name)
    # Inside of brackets as it is; outside it needs its own.
    before = matched.string[: matched.start()].replace("\\\\", "").replace("\\[", "").replace("\\]", "")
    inside = before.rfind("[") > before.rfind("]")
    return ranges if inside else f"[{ranges}]"


@functools.cache
def _category(name: str) -> str:
    """The characters of a Unicode category (`L`, `Nd`) as ranges; beyond the BMP only letters are let in."""
    ranges = []
    start = None
    for point in range(0x10000 + 1):
        member = point < 0x10000 and unicodedata.category(chr(point)).startswith(name)
        if member and start is None:
            start = point
        elif not member and start is not None:
            ranges.append(f"\\u{start:04x}-\\u{point - 1:04x}")
            start = None
    if ranges and name in ("L", "S"):
        ranges.append("\\U00010000-\\U0010ffff")  # further scripts; emoji
    return "".join(ranges)
