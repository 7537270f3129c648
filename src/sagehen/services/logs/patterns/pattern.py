"""Filter patterns: which messages FilterLogEvents lets through.

Documented: CloudWatch Logs User Guide, "Filter pattern syntax".
Terms, quoted phrases, `?any`, `-exclusions`, JSON patterns, and patterns for space-delimited events
(`[ip, user, ...]`). Each may hold regular expressions (`%...%`).
"""

from __future__ import annotations

from sagehen.services.logs.patterns.json_events import parse_json_pattern
from sagehen.services.logs.patterns.regular_expressions import check_count
from sagehen.services.logs.patterns.space_delimited import parse_delimited_pattern
from sagehen.services.logs.patterns.unstructured import Matcher, parse_terms


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
    return parse_terms(text)
