"""What is installed in an environment, of whole and of broken metadata."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sagehen.executors.environments import interpreter
from sagehen.executors.environments.environment import _installed, local


def _put(folder: Path, name: str, content: bytes) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def _site(folder: Path) -> None:
    """Two packages that are there, and what is left of others."""
    _put(folder, "Whole_Thing-1.2.dist-info/METADATA", b"Name: Whole.Thing\nVersion: 1.2\n")
    _put(folder, "old.egg-info/PKG-INFO", b"Name: old\nVersion: 3\n")
    _put(folder, "removed-1.0.dist-info/RECORD", b"")
    (folder / "empty.egg-info").mkdir()
    _put(folder, "noversion.egg-info/PKG-INFO", b"Name: noversion\n")
    _put(folder, "bytes.egg-info/PKG-INFO", b"Name: \xff\xfe\nVersion: 3\n")


def test_what_was_removed_or_is_broken_is_not_installed(tmp_path: Path) -> None:
    _site(tmp_path)
    found = _installed([str(tmp_path), str(tmp_path / "nowhere")])
    assert found == {"whole-thing": "1.2", "old": "3"}
    assert local().distributions["pytest"] == __import__("pytest").__version__


def test_another_interpreter_tells_the_same(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    facts = interpreter.ask(tmp_path / "venv" / "bin" / "python")
    assert not facts.distributions and Path(facts.prefix) == tmp_path / "venv"
    _site(Path(facts.purelib))
    again = interpreter.ask(tmp_path / "venv" / "bin" / "python")
    assert again.distributions == {"whole-thing": "1.2", "old": "3"}
