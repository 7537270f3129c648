"""What a function sees as /opt: its layers merged in order, made once per set of layers."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path


def merged(layers: Sequence[Path], folder: Path) -> Path | None:
    """Return a folder that holds all layers, later ones over earlier ones, or None where there are none.

    Args:
        layers: Unpacked, unchanging.
        folder: Where merged sets are kept, on the same file system as the layers if possible.
    """
    if not layers:
        return None
    if len(layers) == 1:
        return layers[0]
    name = hashlib.sha256("\n".join(str(layer.absolute()) for layer in layers).encode()).hexdigest()[:24]
    target = folder / name
    if target.is_dir():
        return target
    partial = folder / f"{name}.{os.getpid()}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for layer in layers:
        _lay_over(layer, partial)
    partial.rename(target)
    return target


def _lay_over(layer: Path, target: Path) -> None:
    for source, names, files in os.walk(layer):
        here = target / Path(source).relative_to(layer)
        for name in names:
            below = here / name
            if (Path(source) / name).is_symlink():
                _replace(Path(source) / name, below)
                continue
            if below.is_symlink() or below.is_file():
                below.unlink()
            below.mkdir(exist_ok=True)
        for name in files:
            _replace(Path(source) / name, here / name)


def _replace(source: Path, target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system
        shutil.copy2(source, target, follow_symlinks=False)
