"""`sagehen up --detach`: the same settings in a process of its own, which stays only if it answers."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import psutil
import pytest
import typer
from tests.waiting import eventually
from typer.testing import CliRunner

from sagehen.app.settings import RootAccount, Settings
from sagehen.cli.main import app
from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.cli.up import detached
from sagehen.cli.up.arguments import arguments_of


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Path]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "engine.sock"))
        yield tmp_path / "engine.sock"


def unusual(folder: Path, engine: Path) -> list[Settings]:
    """Return settings among which each is once not what it is by default."""
    given = Settings(
        data_folder=folder,
        host="0.0.0.0",
        tls_certificate=folder / "c.pem",
        tls_key=folder / "k.pem",
        port=4600,
        region="eu-west-1",
        accounts=(RootAccount("210987654321"), RootAccount("123456789012")),
        clock_check=False,
        allow_reset=True,
        sandbox="off",
        public_s3=False,
        durability="full",
        time_scale=60.5,
        instance_cpus=0.5,
        queue_excess_s=0.25,
        notebook_idle_s=7200.0,
        gpu_types="refuse",
        images="build",
        model_cache=folder,
        warm=True,
    )
    own = Settings(
        data_folder=folder,
        host="0.0.0.0",
        tls_names=("box.lan", "box"),
        cluster=("10.0.0.5", 6401),
        ray="10.0.0.6:6379",
        spread_jobs=True,
        containers=engine,
    )
    return [given, own]


def test_every_setting_reaches_the_process(
    tmp_path: Path, engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Settings] = []
    monkeypatch.setattr("sagehen.cli.up.command.start", lambda settings, **_: read.append(settings))
    wanted = unusual(tmp_path, engine)
    for settings in wanted:
        ran = CliRunner().invoke(app, arguments_of(settings))
        assert ran.exit_code == 0, ran.output
    assert read == wanted
    usual = Settings()
    never = [one.name for one in fields(Settings) if all(_same(one.name, each, usual) for each in wanted)]
    assert never == [], "one of the cases has to say something else than the default"


def _same(name: str, one: Settings, other: Settings) -> bool:
    return bool(getattr(one, name) == getattr(other, name))


class Script:
    """Stands for the platform's process: what a shell does, once it has said so."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log, self.text = folder / "platform.log", ""
        self.log.write_text("of an earlier life\n")
        self._popen = detached.subprocess.Popen
        monkeypatch.setattr(detached.subprocess, "Popen", self._start)

    def _start(self, command: list[str], **arguments: Any) -> Any:
        process = self._popen(["/bin/sh", "-c", self.text], **arguments)
        self.pid = process.pid
        eventually(lambda: len(self.log.read_text().splitlines()) == 2)
        return process


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    monkeypatch.setattr(detached, "_END_TIMEOUT_S", 0.2)
    return Script(tmp_path, monkeypatch)


HANGS = "trap '' TERM; echo begun; while :; do sleep 0.05; done"


@pytest.mark.parametrize(
    ("text", "timeout_s", "said"),
    [
        ("echo no room; exit 3", 60, r"did not start; the end of .*\nno room"),
        (HANGS, 0.2, r"within 0.2 s, and was ended; .*\nbegun"),
    ],
    ids=["ends", "hangs"],
)
def test_what_does_not_come_up_is_told_and_gone(
    text: str,
    timeout_s: float,
    said: str,
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(detached, "_START_TIMEOUT_S", timeout_s)
    script.text = text
    with pytest.raises(typer.Exit):
        detached.start_detached(Settings(data_folder=script.log.parent))
    told = capsys.readouterr().err
    assert re.search(said, told) and "earlier life" not in told
    assert not psutil.pid_exists(script.pid)


def test_who_waits_no_longer_leaves_nothing(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    script.text = HANGS

    answers: list[BaseException] = [KeyboardInterrupt(), NotRunning()]

    def find(_: Path) -> RunningPlatform:
        raise answers.pop()

    monkeypatch.setattr(RunningPlatform, "find", find)
    with pytest.raises(KeyboardInterrupt):
        detached.start_detached(Settings(data_folder=script.log.parent))
    assert not psutil.pid_exists(script.pid)
