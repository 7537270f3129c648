"""`sagehen console`: what is printed, and what a browser is handed."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from sagehen.app.reach import CLOSED
from sagehen.cli import console
from sagehen.cli.running import RunningPlatform


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    acts: list[Any] = []

    def act(folder: Path, name: str, document: Any) -> dict[str, Any]:
        acts.append((name, document))
        return {"token": "T0ken", "expiresInS": 300}

    monkeypatch.setattr(console, "act", act)
    running = SimpleNamespace(elsewhere=CLOSED, url="http://127.0.0.1:4566")
    monkeypatch.setattr(RunningPlatform, "find", lambda folder: running)
    monkeypatch.setattr(webbrowser, "open", lambda url: acts.append(url))
    return acts


def test_only_printed(asked: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console.show(tmp_path, "reader", browser=False)
    assert asked == [("console", {"role": "reader"})]
    assert capsys.readouterr().out.startswith(
        "http://127.0.0.1:4566/console/#token=T0ken\ngood once, within 5 "
    )
    assert not [*tmp_path.iterdir()]


def test_a_browsers_arguments_have_no_token(asked: list[Any], tmp_path: Path) -> None:
    (tmp_path / "console.html").symlink_to(tmp_path / "somebody-elses")
    console.show(tmp_path, None, browser=True)
    (name, document), address = asked
    assert (name, document) == ("console", {}) and "T0ken" not in address
    page = Path(unquote(urlsplit(address).path))
    assert page.read_text().count("http://127.0.0.1:4566/console/#token=T0ken") == 2
    assert page.stat().st_mode & 0o777 == 0o600 and not page.is_symlink()
    assert not (tmp_path / "somebody-elses").exists()
