"""The walks through the rooms name files that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What stands in back quotes and looks like a file or a folder of the package.
_PATH = re.compile(r"`([a-z_0-9]+(?:/[a-z_0-9]+)*(?:/|\.py)?)`")


def test_every_file_of_the_walks_is_there() -> None:
    page = (ROOT / "docs/architecture/1-rooms.md").read_text()
    walks = page.partition("Five walks")[2].partition("## ")[0]
    assert walks.count("\n- **") == 5
    missing = []
    for walk in walks.split("\n- **")[1:]:
        rooms: list[Path] = []
        for name in _PATH.findall(walk):
            # A name without its folders is beside, or below, one that was named before.
            places = [ROOT / "src/sagehen" / name, *(room / name for room in reversed(rooms))]
            found = next((place for place in places if place.exists()), None)
            if found is None:
                missing.append(name)
                continue
            room = found if found.is_dir() else found.parent
            rooms += [room.parent, room]
    assert not missing
