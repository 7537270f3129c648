"""Regular expressions in filter patterns: `%ERR[0-9]+%`, in terms, JSON conditions and delimited fields.

Documented: CloudWatch Logs User Guide, "Filter pattern syntax", Supported regular expressions (regex) syntax:
two to a pattern at most, no groups. The further bound, five patterns of a log group, is kept by `filters`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sagehen.api.user_patterns import InvalidPattern, PatternTooSlow, UserPattern
from sagehen.services.logs.errors import InvalidParameterException


class RegexTooSlow(InvalidParameterException):
    """A search was given up: who asked for it is told; to a filter the message does not match."""

    code = "InvalidParameterException"


MOST = 2
# What stands between two `%`; a `%` of the expression itself is written `\%`.
REGEX = re.compile(r"%((?:[^%\\]|\\.)+)%")
# A `%` between double quotes is none of an expression.
_QUOTED_OR_REGEX = re.compile(r'"(?:[^"\\]|\\.)*"|' + REGEX.pattern)
# Letters, digits and these signs stand for themselves or are operators; everything else is refused, and
# with it groups, and what would make a search slow.
_ALLOWED = re.compile(r"(?:[A-Za-z0-9 :_#=@/;,\-^$?\[\]{}|*+.]|\\[dDsSwW]|\\x[0-9A-Fa-f]{2}|\\[^A-Za-z0-9])*")
# Documented (API_PutLogEvents): the longest event that CloudWatch Logs takes, 1 MB.
_MOST_CHARACTERS = 1024 * 1024


def count_expressions(pattern: str) -> int:
    """Return how many expressions a filter pattern holds."""
    return sum(found[1] is not None for found in _QUOTED_OR_REGEX.finditer(pattern))


def check_count(pattern: str) -> None:
    """Check how many expressions a filter pattern holds.

    Raises:
        InvalidParameterException: More than two.
    """
    if count_expressions(pattern) > MOST:
        raise InvalidParameterException(f"Invalid filter pattern: more than {MOST} regular expressions")


def compile_regex(text: str) -> Callable[[str], bool]:
    """Return the test whether an expression is found in a text.

    Raises:
        InvalidParameterException: It is malformed, or holds what AWS's syntax has not. The test raises it
            for a text in which the search takes too long.
    """
    if not _ALLOWED.fullmatch(text):
        raise InvalidParameterException("Invalid filter pattern: unsupported regular expression syntax")
    try:
        pattern = UserPattern(text.replace(r"\%", "%"))
    except InvalidPattern as error:
        raise InvalidParameterException(f"Invalid filter pattern: {error}") from None

    def found(subject: str) -> bool:
        try:
            return pattern.search(subject, _MOST_CHARACTERS) is not None
        except PatternTooSlow:
            raise RegexTooSlow("Invalid filter pattern: the regular expression takes too long") from None

    return found
