"""How much the layers of one image may unpack to."""

from __future__ import annotations

from dataclasses import dataclass

# Ours. AWS's instances give an image what its volume has; its largest framework images unpack to 25 GB.
MAX_BYTES = 64 * 1024**3
MAX_ENTRIES = 1_000_000
# Deeper trees exhaust the stack of whatever walks them later.
MAX_DEPTH = 100
# PATH_MAX is 4096 with what is before it; NAME_MAX is that of Linux's file systems.
MAX_PATH_BYTES = 3000
MAX_NAME_BYTES = 255


class UnusableLayer(ValueError):
    """A layer is no archive, damaged, or has what is refused; the message says which."""


@dataclass(slots=True)
class Budget:
    """What is left of an image's bounds.

    Args:
        size: Bytes of files, holes counted: a reader sees them.
        entries: Files, folders and links.
    """

    size: int = MAX_BYTES
    entries: int = MAX_ENTRIES

    def take(self, size: int) -> None:
        """Take an entry of so many bytes.

        Raises:
            UnusableLayer: There is no room for it.
        """
        self.size -= size
        self.entries -= 1
        if size < 0 or self.size < 0:
            raise UnusableLayer("it unpacks to more bytes than there is room for")
        if self.entries < 0:
            raise UnusableLayer("it has more files than there is room for")
