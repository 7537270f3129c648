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
# Names are in memory while a layer is unpacked. Of an image of a million files they have 100 bytes each.
MAX_NAMES_BYTES = 128 * 1024**2
# Of one entry, with all that is in front of it: two paths of 4096 bytes, and attributes. What `tarfile` makes
# of a header may have the square of its length.
MAX_HEADER_BYTES = 16 * 1024


class UnusableLayer(ValueError):
    """A layer is no archive, damaged, or has what is refused; the message says which."""


@dataclass(slots=True)
class Budget:
    """What is left of an image's bounds.

    Args:
        size: Bytes of files, holes counted: a reader sees them.
        entries: Files, folders and links.
        names: Bytes of their names.
    """

    size: int = MAX_BYTES
    entries: int = MAX_ENTRIES
    names: int = MAX_NAMES_BYTES

    def take(self, size: int, name: str = "") -> None:
        """Take an entry of so many bytes.

        Raises:
            UnusableLayer: There is no room for it.
        """
        self.size -= size
        self.entries -= 1
        self.names -= len(name)
        if size < 0 or self.size < 0:
            raise UnusableLayer("it unpacks to more bytes than there is room for")
        if self.entries < 0 or self.names < 0:
            raise UnusableLayer("it has more files than there is room for")
