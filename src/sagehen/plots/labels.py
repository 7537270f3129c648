"""What a text may be when it is drawn: short, in one line, and nothing that moves the rest of it."""

from __future__ import annotations

import unicodedata

# Longer than any picture is wide; drawing takes time by the character.
MAX_CHARACTERS = 160
# A combining mark is drawn over its letter; a letter with a thousand of them fills the picture.
_MAX_MARKS = 3


def clean(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Return a text as it may be drawn.

    Controls (NUL, escape sequences of terminals, new lines), directions and unpaired surrogates become
    spaces or go; piles of combining marks are cut; what is longer than `limit` ends in an ellipsis.
    """
    kept: list[str] = []
    marks = 0
    for character in text[: 4 * limit]:
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            marks += 1
            if marks > _MAX_MARKS:
                continue
        else:
            marks = 0
        if category in ("Cc", "Zl", "Zp", "Zs"):
            kept.append(" ")
        elif category not in ("Cf", "Cs", "Co", "Cn"):
            kept.append(character)
    line = " ".join("".join(kept).split())
    if len(line) <= limit and len(text) <= 4 * limit:
        return line
    return line[: limit - 1].rstrip() + "…"
