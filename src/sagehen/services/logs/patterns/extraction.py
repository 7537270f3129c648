"""Extraction: whether a message matches a pattern, and the values that it has for the pattern's fields."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sagehen.services.logs.patterns.json_events import MISSING, field_of, selectors_of
from sagehen.services.logs.patterns.pattern import parse_filter_pattern
from sagehen.services.logs.patterns.regular_expressions import RegexTooSlow
from sagehen.services.logs.patterns.space_delimited import Fields, parse_delimited_pattern
from sagehen.services.logs.patterns.unstructured import Matcher

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a message that matches has to give.

    Args:
        values: Of the fields that the pattern names, as text.
        document: The JSON event, where the pattern is one for those.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    document: Any = MISSING

    def value(self, selector: str) -> str | None:
        """Return the value that `$.field` or `$field` selects, as text; None where there is none."""
        if self.document is MISSING:
            return self.values.get(selector)
        found = field_of(self.document, selector)
        return None if found is MISSING or found is None else _text(found)


Extractor = Callable[[str], Found | None]


@lru_cache(maxsize=256)
def parse_extractor(pattern: str) -> Extractor:
    """Return what looks at messages for `pattern`: None where one does not match.

    Raises:
        InvalidParameterException: As parse_filter_pattern.
    """
    text = pattern.strip()
    matches = parse_filter_pattern(pattern)
    if text.startswith("{"):
        return _patient(_of_json(matches, selectors_of(text)), pattern)
    if text.startswith("["):
        return _patient(_of_fields(parse_delimited_pattern(text)), pattern)
    return _patient(lambda message: Found() if matches(message) else None, pattern)


def _patient(extract: Extractor, pattern: str) -> Extractor:
    """A message on which an expression takes too long must not hold up the others."""

    def extract_or_give_up(message: str) -> Found | None:
        try:
            return extract(message)
        except RegexTooSlow:
            _log.warning("filter pattern %r: given up on a message of %d characters", pattern, len(message))
            return None

    return extract_or_give_up


def takes_fields(pattern: str) -> bool:
    """Tell whether events that match have fields: JSON and space-delimited ones."""
    return pattern.strip()[:1] in ("{", "[")


def _of_json(matches: Matcher, selectors: tuple[str, ...]) -> Extractor:
    def extract(message: str) -> Found | None:
        if not matches(message):
            return None
        document = json.loads(message)
        values = {one: field_of(document, one) for one in selectors}
        return Found({one: _text(value) for one, value in values.items() if value is not MISSING}, document)

    return extract


def _of_fields(fields: Callable[[str], Fields | None]) -> Extractor:
    def extract(message: str) -> Found | None:
        found = fields(message)
        return None if found is None else Found(found)

    return extract


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
