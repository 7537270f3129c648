"""Patterns of policies: the wildcards `*` and `?`, ARNs segment by segment, and policy variables.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html and
reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

Match = Callable[[str], bool]
# Gives the single value of a context key, or None where it is missing or has several values.
Lookup = Callable[[str], str | None]

# `${key}`, `${key, 'default'}` and the escapes `${*}`, `${?}`, `${$}`.
_VARIABLE = re.compile(r"\$\{\s*([^},]*?)\s*(?:,\s*'([^']*)'\s*)?\}")
_ESCAPES = frozenset("*?$")
# Stands for a literal wildcard between expansion and translation; it cannot occur in a request.
_LITERAL = {"*": "\ue000", "?": "\ue001", "$": "\ue002"}
_UNLITERAL = {mark: character for character, mark in _LITERAL.items()}


def has_variables(text: str) -> bool:
    """Tell whether a value has policy variables; nobody expands those of Version 2008-10-17."""
    return "${" in text


def variables_in(text: str) -> list[str]:
    """Return the context keys that a value refers to."""
    return [match[1] for match in _VARIABLE.finditer(text) if match[1] not in _ESCAPES]


def expand(text: str, lookup: Lookup) -> str | None:
    """Put context values in the places of variables; None where one has neither value nor default.

    Wildcards inside substituted values stay literal: a user named `*` must not match everyone.
    """
    unresolved = False

    def replace(match: re.Match[str]) -> str:
        nonlocal unresolved
        key, default = match[1], match[2]
        if key in _ESCAPES:
            return _LITERAL[key]
        value = lookup(key)
        if value is None:
            value = default
        if value is None:
            unresolved = True
            return ""
        return value.replace("*", _LITERAL["*"]).replace("?", _LITERAL["?"])

    expanded = _VARIABLE.sub(replace, text)
    return None if unresolved else expanded


def literal(text: str) -> str:
    """Return an expanded text with its escaped characters restored, for exact comparison."""
    for mark, character in _UNLITERAL.items():
        text = text.replace(mark, character)
    return text


def _translate(text: str, one: str) -> str:
    """Translate wildcards; `one` is the expression of a character that a wildcard may stand for.

    What follows a star is taken at its first place and never tried again (an atomic group): a
    pattern of many stars must not cost exponential time on a text made to match it nearly.
    """
    first, *rest = [_literal_part(part, one) for part in re.split(r"\*+", text)]
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>{one}*?{part})" for part in middle) + f"{one}*{last}"


def _literal_part(text: str, one: str) -> str:
    return "".join(
        one if character == "?" else re.escape(_UNLITERAL.get(character, character)) for character in text
    )


def glob(text: str) -> str:
    """Return the regular expression of a pattern in which `*` and `?` match any characters."""
    return _translate(text, ".")


def resource_arn(pattern: str) -> str:
    """Return the regular expression of a Resource value.

    In the first five segments a wildcard stays inside its segment unless it is the segment's last
    character; the resource part is one segment in which it matches colons and slashes too. A
    pattern with fewer than six segments is completed with wildcards.
    """
    if pattern == "*":
        return ".*"
    segments = pattern.split(":", 5)
    translated = []
    for segment in segments[:5]:
        inner = _translate(segment, "[^:]")
        translated.append(inner[: -len("[^:]*")] + ".*" if segment.endswith("*") else inner)
    if len(segments) == 6:
        translated.append(glob(segments[5]))
    else:
        translated.extend([".*"] * (6 - len(segments)))
    return ":".join(translated)


def condition_arn(pattern: str) -> str:
    """Return the regular expression of an Arn* condition: each of six segments is matched by itself."""
    segments = pattern.split(":", 5)
    head = [_translate(segment, "[^:]") for segment in segments[:5]]
    return ":".join([*head, *(glob(segment) for segment in segments[5:])])


@lru_cache(maxsize=8192)
def compiled(expression: str) -> Match:
    """Return a full match of the expression; one compiled form per text."""
    matcher = re.compile(expression, re.DOTALL).fullmatch
    return lambda text: matcher(text) is not None


@lru_cache(maxsize=8192)
def resource_match(pattern: str) -> Match:
    """Return the match of one Resource value; remembered, since variables expand to few values."""
    return compiled(resource_arn(pattern))


def any_of(expressions: list[str], ignore_case: bool = False) -> Match:
    """Return one matcher for several expressions; `.*` among them costs nothing to match."""
    if ".*" in expressions:
        return lambda text: True
    if not expressions:
        return lambda text: False
    matcher = re.compile("|".join(expressions), re.DOTALL | (re.IGNORECASE if ignore_case else 0)).fullmatch
    return lambda text: matcher(text) is not None
