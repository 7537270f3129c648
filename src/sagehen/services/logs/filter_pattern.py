"""Filter patterns: which messages FilterLogEvents lets through.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
Terms, quoted phrases, `?any`, `-exclusions`, JSON patterns, and patterns for space-delimited events
(`[ip, user, ...]`). Regular expressions (`%...%`) are refused as not implemented.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.logs.delimited_pattern import parse_delimited_pattern
from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.json_pattern import parse_json_pattern

Matcher = Callable[[str], bool]

# An optional sign, then a quoted phrase (with \" inside) or a run of non-blanks.
_TERM = re.compile(r'([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')


def parse_filter_pattern(pattern: str) -> Matcher:
    """Return the test of a message that `pattern` stands for.

    Raises:
        InvalidParameterException: The pattern is not well-formed.
        NotImplementedOperation: It is of a kind that is not built.
    """
    text = pattern.strip()
    if text.startswith("{"):
        return parse_json_pattern(text)
    if text.startswith("["):
        fields = parse_delimited_pattern(text)
        return lambda message: fields(message) is not None
    if re.search(r"(^|\s)[-?]?%.*%(\s|$)", text):
        raise NotImplementedOperation("Regular expressions in filter patterns are not implemented.")
    return _terms(text)


def _terms(text: str) -> Matcher:
    required: list[str] = []
    any_of: list[str] = []
    excluded: list[str] = []
    for sign, phrase, word in _TERM.findall(text):
        if word.startswith('"'):
            raise InvalidParameterException("Invalid filter pattern")
        term = re.sub(r"\\(.)", r"\1", phrase) if phrase else word
        {"": required, "?": any_of, "-": excluded}[sign].append(term)
    # AWS ignores the `?` terms of a pattern that has others as well.
    if required or excluded:
        any_of = []

    def matches(message: str) -> bool:
        return (
            all(term in message for term in required)
            and not any(term in message for term in excluded)
            and (not any_of or any(term in message for term in any_of))
        )

    return matches
