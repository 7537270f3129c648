"""What the `sagehen` command says of options and places that cannot be."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sagehen import __version__
from sagehen.app.ports import free_port
from sagehen.cli.main import app
from sagehen.gateway.door.listeners import CannotListen


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--port", "99999"], 2, "Invalid value for '--port'"),
        (["--time-scale", "0"], 1, "--time-scale 0: it is between 0.001 and 1000000"),
        (["--time-scale", "nan"], 1, "--time-scale nan: it is between"),
        (["--instance-cpus", "nan"], 1, "--instance-cpus nan: it is at least 0.1"),
        (["--queue-excess", "soon"], 1, "--queue-excess soon: it is a time such as 10s, 15m at the most"),
        (["--queue-excess", "0"], 1, "--queue-excess 0: it is a time"),
        (["--queue-excess", "16m"], 1, "--queue-excess 16m: it is a time"),
        (["--notebook-idle", "59s"], 1, "--notebook-idle 59s: it is a time such as 90m, 60 s to 604800 s"),
        (["--region", "us east"], 1, "--region us east: a region is"),
        (["--region", "us-east-1\n"], 1, ": a region is"),
        (["--sandbox", "maybe"], 1, "--sandbox maybe: it is one of auto, off"),
        (["--account", "abc"], 1, "--account abc: an account id is twelve digits"),
        (["--host", "nowhere.invalid"], 1, "cannot listen on nowhere.invalid: "),
        (["--tls-name", "box.lan"], 1, "--tls-…: 127.0.0.1 is this machine alone"),
        (["--host", "0.0.0.0", "--tls-name", "a b"], 1, "--tls-name: 'a b' is no address and no host name"),
        (["--host", "0.0.0.0", "--tls-key", "k.pem"], 1, "--tls-certificate and --tls-key go together"),
        (["--cluster", "127.0.0.1"], 1, "--cluster 127.0.0.1: nodes reach this machine by an address of one"),
        (["--cluster", "box"], 1, "--cluster box: it is an IPv4 address of this machine, or auto"),
        (["--spread-jobs"], 1, "--spread-jobs goes with --cluster"),
        (["--ray", "10.0.0.5:6379", "--trust-ray"], 1, "--ray goes with --cluster ADDRESS"),
        (["--cluster", "10.0.0.5", "--ray", "auto", "--trust-ray"], 1, "--ray auto: it is HOST:PORT"),
        (["--cluster", "10.0.0.5", "--ray", "10.0.0.5:6379"], 1, "--trust-ray says that you trust them all"),
        (["--cluster", "10.0.0.5", "--trust-ray"], 1, "--trust-ray goes with --ray"),
        (["--model-cache", "/nope"], 1, "--model-cache /nope: no such folder"),
    ],
)
def test_options_that_cannot_be(tmp_path: Path, arguments: list[str], status: int, said: str) -> None:
    ran = CliRunner().invoke(app, ["up", "--detach", "--data", str(tmp_path / "data"), *arguments])
    assert (ran.exit_code, said in ran.output) == (status, True), ran.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("since", ["soon", "99999999999999999999w"])
def test_logs_since_when(since: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagehen.cli.logs.RunningPlatform.find", lambda folder: None)
    ran = CliRunner().invoke(app, ["logs", "g", "--since", since, "--data", str(tmp_path)])
    assert ran.exit_code == 1 and "is no duration" in ran.output


def test_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"sagehen {__version__}\n"


@pytest.mark.parametrize(
    ("command", "status"), [("up --detach", 1), ("status", 1), ("down", 0), ("down --delete-data", 1)]
)
def test_a_place_where_no_folder_can_be(tmp_path: Path, command: str, status: int) -> None:
    (tmp_path / "file").touch()
    ran = CliRunner().invoke(app, [*command.split(), "--data", str(tmp_path / "file")])
    assert ran.exit_code == status and "Traceback" not in ran.output
    assert str(tmp_path / "file") in ran.output
    assert (tmp_path / "file").exists()


def test_a_taken_port_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket() as late:
        with pytest.raises(OSError) as refused:
            late.bind(taken.getsockname())
        said = str(CannotListen("127.0.0.1", 4566, refused.value))
    assert said == (
        "cannot listen on 127.0.0.1:4566: it is taken "
        "(`sagehen doctor` tells by whom; `sagehen up --port 0` takes a free one)"
    )


def test_an_unknown_host_is_told_in_the_resolvers_words() -> None:
    with pytest.raises(CannotListen, match=r"^cannot listen on nowhere\.invalid:0: [^\[]*(known|fail|resol)"):
        free_port("nowhere.invalid")
