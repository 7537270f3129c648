"""Filter patterns: which messages FilterLogEvents lets through.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
Terms, quoted phrases, `?any`, `-exclusions`, JSON patterns, and patterns for space-delimited events
(`[ip, user, ...]`). Each may hold regular expressions (`%...%`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.patterns.json_events import parse_json_pattern
from sagehen.services.logs.patterns.regular_expressions import check_count, compile_regex
from sagehen.services.logs.patterns.space_delimited import parse_delimited_pattern

Matcher = Callable[[str], bool]

# An optional sign, then a quoted phrase (with \" inside), a regular expression, or a run of non-blanks.
_TERM = re.compile(r'([-?]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%(?=\s|$)|(\S+))')


def parse_filter_pattern(pattern: str) -> Matcher:
    """Return the test of a message that `pattern` stands for.

    Raises:
        InvalidParameterException: The pattern is not well-formed.
    """
    text = pattern.strip()
    check_count(text)
    if text.startswith("{"):
        return parse_json_pattern(text)
    if text.startswith("["):
        fields = parse_delimited_pattern(text)
        return lambda message: fields(message) is not None
    return _terms(text)


def _contains(term: str) -> Matcher:
    return lambda message: term in message


def _terms(text: str) -> Matcher:
    required: list[Matcher] = []
    any_of: list[Matcher] = []
    excluded: list[Matcher] = []
    for sign, phrase, regex, word in _TERM.findall(text):
        if word.startswith('"'):
            raise InvalidParameterException("Invalid filter pattern")
        test = compile_regex(regex) if regex else _contains(re.sub(r"\\(.)", r"\1", phrase) or word)
        {"": required, "?": any_of, "-": excluded}[sign].append(test)
    # AWS ignores the `?` terms of a pattern that has others as well.
    if required or excluded:
        any_of = []

    def matches(message: str) -> bool:
        return (
            all(test(message) for test in required)
            and not any(test(message) for test in excluded)
            and (not any_of or any(test(message) for test in any_of))
        )

    return matches
