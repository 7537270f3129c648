"""`--containers`: where an engine listens, by its name."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from sagehen.cli.up.engines import NoEngine, socket_of


@pytest.fixture
def listening(tmp_path: Path) -> Path:
    (tmp_path / "podman").mkdir()
    for name in ("docker.sock", "podman/podman.sock"):
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(tmp_path / name))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "variables", "found"),
    [
        ("{at}/docker.sock", {}, "docker.sock"),
        ("unix://{at}/docker.sock", {}, "docker.sock"),
        ("docker", {"DOCKER_HOST": "unix://{at}/docker.sock"}, "docker.sock"),
        ("docker", {"XDG_RUNTIME_DIR": "{at}"}, "docker.sock"),
        ("podman", {"XDG_RUNTIME_DIR": "{at}"}, "podman/podman.sock"),
    ],
)
def test_where_it_listens(listening: Path, text: str, variables: dict[str, str], found: str) -> None:
    told = {name: value.format(at=listening) for name, value in variables.items()}
    assert socket_of(text.format(at=listening), told, 1000) == listening / found


@pytest.mark.parametrize(
    ("text", "variables", "why"),
    [
        ("{at}/absent", {}, "no socket at .*absent"),
        ("{at}", {}, "no socket at"),
        ("podman", {"XDG_RUNTIME_DIR": "/nowhere"}, "no socket at /nowhere/podman/podman.sock; systemctl"),
        ("docker", {"DOCKER_HOST": "tcp://10.0.0.1:2375"}, "no socket at nowhere: DOCKER_HOST names no Unix"),
    ],
)
def test_there_is_none(listening: Path, text: str, variables: dict[str, str], why: str) -> None:
    with pytest.raises(NoEngine, match=why):
        socket_of(text.format(at=listening), variables, 1000)
