"""Names in templates: letters and digits, each once."""

from __future__ import annotations

import re
from collections.abc import Collection

_WORDS = re.compile(r"[A-Za-z0-9]+")
# Documented: logical ids are alphanumeric; AWS gives names that it makes of them 255 characters at most.
_LONGEST = 60


def camel(text: str) -> str:
    """Return a text as one word: `classifier-one` is ClassifierOne; without a letter it is Thing."""
    found = "".join(word[0].upper() + word[1:] for word in _WORDS.findall(text))[:_LONGEST]
    return found if found[:1].isalpha() else f"Thing{found}"


def snake(text: str) -> str:
    """Return a camel-cased name with underscores: classifier_one."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return parted.lower()


def unique(name: str, taken: Collection[str]) -> str:
    """Return a name that nobody has, whatever the case: it may get a number."""
    lower = {one.lower() for one in taken}
    number, found = 2, name
    while found.lower() in lower:
        found, number = f"{name}{number}", number + 1
    return found
