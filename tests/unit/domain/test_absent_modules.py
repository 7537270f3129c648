"""Modules hidden while others are imported: gone for the block, found after it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from sagehen.domain.absent_modules import hidden
from sagehen.executors.warm import preload
from sagehen.executors.warm.preload import PreloadSet


@pytest.fixture
def optional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "optional_part.py").write_text("")
    (tmp_path / "main_part.py").write_text(
        "try:\n    import optional_part\nexcept ImportError:\n    optional_part = None\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("optional_part", "main_part"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_a_hidden_module_is_not_there_until_the_end_of_the_block(optional: None) -> None:
    with hidden(["optional_part"]):
        main = importlib.import_module("main_part")
    assert main.optional_part is None
    found = importlib.import_module("optional_part")
    with hidden(["optional_part"]):  # what somebody uses already stays
        assert importlib.import_module("optional_part") is found
    assert sys.modules["optional_part"] is found


def test_what_a_warm_parent_is_told_says_what_to_hide(optional: None) -> None:
    words = PreloadSet(("main_part", "no_such_part"), {}, hidden=("optional_part",)).words
    with preload.read(words) as modules:
        assert modules == ["main_part"]
        assert importlib.import_module("main_part").optional_part is None
    assert importlib.import_module("optional_part") is not None
