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
        return re.compile(_PROPERTY.sub(_translate, translated), re.ASCII)  # `\w` and its kin are Java's
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


# One character for each of Unicode's categories.
_NAMES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn"
_CODES = {category: chr(ord("A") + number) for number, category in enumerate(_NAMES.split())}


@functools.cache
def _categories() -> str:
    """The categories of the BMP, one character each: searched in C, for this runs in a request."""
    return "".join(map(_CODES.__getitem__, map(unicodedata.category, map(chr, range(0x10000)))))


@functools.cache
def _category(name: str) -> str:
    """The characters of a Unicode category (`L`, `Nd`) as ranges; beyond the BMP only letters are let in."""
    wanted = "".join(re.escape(code) for category, code in _CODES.items() if category.startswith(name))
    if not wanted:
        return ""
    found = re.finditer(f"[{wanted}]+", _categories())
    ranges = [f"\\u{one.start():04x}-\\u{one.end() - 1:04x}" for one in found]
    if ranges and name in ("L", "S"):
        ranges.append("\\U00010000-\\U0010ffff")  # further scripts; emoji
    return "".join(ranges)
