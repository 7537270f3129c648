"""Comments and commands: users' texts in one line each, whatever they hold."""

from __future__ import annotations

import re

# A word that no shell reads anything into.
_PLAIN = re.compile(r"^[A-Za-z0-9_./:=,@%+-]+$")


def one_line(text: str) -> str:
    """Return a text without what would end a comment: control characters and line separators are escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def shell_word(text: str) -> str:
    """Return a text as one word of bash, in one line."""
    if _PLAIN.match(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "'\\''") + "'"
    escaped = "".join(char if char.isprintable() and char not in "\\'" else _escaped(char) for char in text)
    return f"$'{escaped}'"


def _escaped(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))


def sync_pattern(key: str) -> str:
    """Return the pattern of `aws s3 sync` that means one key (documented: `*`, `?`, `[…]`)."""
    return re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", key)
