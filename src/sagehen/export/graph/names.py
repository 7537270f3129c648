"""Names in templates: letters and digits, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable

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


class Names:
    """Names that were given, each once, whatever the case.

    Args:
        taken: What others have.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}
        self._numbers: dict[str, int] = {}

    def new(self, name: str) -> str:
        """Return a name that nobody has, and nobody will: it may get a number."""
        found, number = name, self._numbers.get(name.lower(), 1)
        while found.lower() in self._taken:
            number += 1
            found = f"{name}{number}"
        self._numbers[name.lower()] = number
        self._taken.add(found.lower())
        return found
