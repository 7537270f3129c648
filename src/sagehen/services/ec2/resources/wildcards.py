"""Patterns of filters: `*` stands for any text, `?` for one character, a backslash for itself before either.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
"""

from __future__ import annotations

from collections.abc import Callable

_ANY, _ONE = object(), object()


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a text is what a pattern says, in time of their lengths' product at most."""
    if not any(character in pattern for character in "*?\\"):
        return pattern.__eq__
    tokens = _tokens(pattern)
    return lambda text: _matches(tokens, text)


def _tokens(pattern: str) -> list[object]:
    tokens: list[object] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            tokens.append(next(characters, "\\"))
        elif character == "*":
            if not tokens or tokens[-1] is not _ANY:
                tokens.append(_ANY)
        else:
            tokens.append(_ONE if character == "?" else character)
    return tokens


def _matches(tokens: list[object], text: str) -> bool:
    at = token = 0
    # Where to go on after a star that took too little; the last one alone is ever taken back.
    star, resumed = -1, 0
    while at < len(text):
        wanted = tokens[token] if token < len(tokens) else None
        if wanted is _ANY:
            star, resumed = token, at
            token += 1
        elif wanted is _ONE or wanted == text[at]:
            token, at = token + 1, at + 1
        elif star >= 0:
            resumed += 1
            token, at = star + 1, resumed
        else:
            return False
    return all(rest is _ANY for rest in tokens[token:])
