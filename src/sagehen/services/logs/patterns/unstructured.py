"""Filter patterns for unstructured events: `ERROR "out of memory" -DEBUG`, `?ERROR ?WARN`, `%[45]\\d\\d%`.

Documented: CloudWatch Logs User Guide, "Filter pattern syntax", Match terms in unstructured log events.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.patterns.regular_expressions import compile_regex

Matcher = Callable[[str], bool]

# An optional sign, then a quoted phrase (with \" inside), a regular expression, or a run of non-blanks.
_TERM = re.compile(r'([-?]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%(?=\s|$)|(\S+))')

# Documented: other signs than letters, digits and underscores have to stand between double quotes.
_NOT_BARE = re.compile(r"\W+")


def _contains(term: str) -> Matcher:
    return lambda message: term in message


def parse_terms(text: str) -> Matcher:
    """Return the test of a message that the terms of `text` stand for.

    Raises:
        InvalidParameterException: A quote is not closed, a term needs quotes, or an expression is refused.
    """
    required: list[Matcher] = []
    any_of: list[Matcher] = []
    excluded: list[Matcher] = []
    for sign, phrase, regex, word in _TERM.findall(text):
        if word.startswith('"'):
            raise InvalidParameterException("Invalid filter pattern")
        if wrong := _NOT_BARE.search(word):  # recorded, code and text
            raise InvalidParameterException(f"Invalid character(s) in term '{wrong[0]}'")
        test = compile_regex(regex) if regex else _contains(re.sub(r"\\(.)", r"\1", phrase) or word)
        {"": required, "?": any_of, "-": excluded}[sign].append(test)
    # AWS ignores the `?` terms of a pattern that has others as well (documented: see above).
    if required or excluded:
        any_of = []

    def matches(message: str) -> bool:
        return (
            all(test(message) for test in required)
            and not any(test(message) for test in excluded)
            and (not any_of or any(test(message) for test in any_of))
        )

    return matches
