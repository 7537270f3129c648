"""Step: one entry of what a sandboxed process sees of the file system."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the view, applied in order.

    Args:
        kind: `ro`, `rw` (binds of `source`), `device` (bind that may be opened as a device),
            `symlink` (`source` is the link's text), `tmpfs`, `folder`, `passage` (a folder that can be
            walked through but not listed), `proc`, `dev`, `layers` (an overlay whose upper folder lies in
            `source`), `image` (the same, of an image's root), `ro-image` (of which nothing is written over).
        target: As seen inside.
        size: Bytes, for tmpfs; 0 means the kernel's default.
        layers: Of `layers`, below the upper one: the file that says what is its own, and the host's folder,
            '' for none. Of `image` and `ro-image`: the image's root.
    """

    kind: str
    target: str
    source: str = ""
    size: int = 0
    layers: tuple[str, ...] = ()
