"""Folders of endpoints and instances that no record knows: a killed platform had not removed them yet."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from pathlib import Path

from sagehen.executors.folders.removal import remove_tree


def left_folders(parent: Path, known: Mapping[str, Collection[str]]) -> list[Path]:
    """Return what nobody will ask for again. Blocking; before anything new is made there.

    Args:
        parent: Holds a folder for each endpoint.
        known: The endpoints' folders by name, with the ids of their instances.
    """
    left: list[Path] = []
    for endpoint in _below(parent):
        if endpoint.name not in known:
            left.append(endpoint)
            continue
        instances = known[endpoint.name]
        left += [one for one in _below(endpoint / "instances") if one.name not in instances]
    return left


def remove_in_a_thread(folders: Collection[Path]) -> None:
    """Delete folders beside everything else; what an end of the platform cuts off, its next start finds."""

    def work() -> None:
        for folder in folders:
            remove_tree(folder)

    if folders:
        threading.Thread(target=work, name="left folders", daemon=True).start()


def _below(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
