"""Every block of docs/*.md is true: they are run in order, a page at a time, against one platform.

A block that cannot be run says why in the line before it: `<!-- not run: reason -->`. A `text` block
after one that is run is what that one prints.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.e2e.pages.blocks import KINDS, Block, blocks_of, unlike, unpasteable

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
INDEX = DOCS / "README.md"
# In the order of the index, as a reader goes through them.
PAGES = list(dict.fromkeys(re.findall(r"\]\(([\w-]+\.md)\)", INDEX.read_text())))
OTHERS = [REPOSITORY / "CONTRIBUTING.md"]


class Reader:
    """Somebody who has a shell in the project's folder and types what the pages say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environment |= {
            "HOME": str(folder),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY),
            "SAGEHEN_DATA": str(folder / "data"),
            "PAGE_STATE": str(folder / "state"),
        }
        (folder / "recipes").symlink_to(REPOSITORY / "recipes")
        (folder / "examples").symlink_to(REPOSITORY / "examples")

    def run(self, page: Path, blocks: list[Block]) -> None:
        """Type blocks; fail with the first that fails or prints something else than the page says."""
        todo = [block for block in blocks if block.kind != "text" and not block.reason]
        listed = self.folder / "blocks.json"
        listed.write_text(
            json.dumps([[block.kind, block.text, f"{page.name}:{block.line}"] for block in todo])
        )
        session = subprocess.run(
            [sys.executable, "-m", "tests.e2e.pages.session", str(listed)],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=280,
        )  # fmt: skip
        assert session.returncode == 0, session.stderr[-3000:]
        ran = json.loads(session.stdout)
        for one in ran:
            assert not one["failure"], f"{one['name']}: {one['failure']}\nprinted: {one['printed'][-2000:]}"
        assert len(ran) == len(todo)
        printed = {one["name"]: one["printed"] for one in ran}
        for block, following in pairwise(blocks):
            if following.kind == "text" and not following.reason and not block.reason:
                name = f"{page.name}:{block.line}"
                missing = unlike(following.text, printed[name])
                assert not missing, f"{name} did not print {missing!r} but:\n{printed[name]}"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Yield a reader who has done what the index begins with, and does what it ends with."""
    reader = Reader(tmp_path_factory.mktemp("reader"))
    *begin, end = [block for block in blocks_of(INDEX) if not block.reason]
    began = "\n".join(block.text for block in begin)
    # Other platforms may run on this machine.
    began = began.replace("sagehen up --detach", "sagehen up --detach --port 0")
    script = f'set -eu\n{began}\nenv -0 > "$PAGE_STATE"'
    try:
        subprocess.run(
            ["bash", "-c", script], cwd=reader.folder, env=reader.environment, check=True, timeout=90
        )
        state = (reader.folder / "state").read_text()
        reader.environment |= dict(entry.split("=", 1) for entry in state.split("\0") if "=" in entry)
        yield reader
    finally:
        # A page that fails midway has not come to where it stops the platform of its own.
        for log in {*reader.folder.glob("*/platform.log")} - {reader.folder / "data/platform.log"}:
            down = ["sagehen", "down", "--data", str(log.parent)]
            subprocess.run(down, env=reader.environment, capture_output=True, timeout=90)
        reader.run(INDEX, [end])


@pytest.mark.parametrize("name", PAGES)
def test_a_page(reader: Reader, name: str) -> None:
    reader.run(DOCS / name, blocks_of(DOCS / name))


@pytest.mark.parametrize("page", [*DOCS.glob("*.md"), *OTHERS], ids=lambda page: page.name)
def test_blocks_are_run_or_say_why_not(page: Path) -> None:
    text = page.read_text()
    blocks = blocks_of(page)
    assert len(blocks) * 2 == len(re.findall(r"^```", text, re.M)), (
        "a fence that is not closed or is indented"
    )
    for block in blocks:
        assert block.kind in KINDS or block.reason, f"{page.name}:{block.line}: {block.kind!r}"
        trips = unpasteable(block.text) if block.kind == "python" else 0
        assert not trips, f"{page.name}:{block.line + trips}: an empty line is missing, or one too many"
    assert page.name in ("operations.md", "CONTRIBUTING.md") or len(text.splitlines()) <= 180
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def test_every_page_is_in_the_index() -> None:
    assert {page.name for page in DOCS.glob("*.md")} == {*PAGES, "README.md", "operations.md"}
