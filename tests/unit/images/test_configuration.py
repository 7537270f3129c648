"""What an image says of how it is run, and who its user is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sagehen.images.configuration import UnusableImage, host_architecture, read_configuration
from sagehen.images.users import User, user_of

D = "sha256:" + "0" * 64
GOOD: dict[str, Any] = {"os": "linux", "architecture": host_architecture()}


def test_what_an_image_says() -> None:
    config = {
        "Entrypoint": ["/e"], "Cmd": ["a", "b"], "Env": ["A=1=2", "B", "=x"], "User": "app",
        "WorkingDir": "/w", "StopSignal": "SIGUSR1",
    }  # fmt: skip
    said = {**GOOD, "config": config, "rootfs": {"diff_ids": [D]}}
    found = read_configuration(json.dumps(said).encode())
    assert found.entrypoint == ("/e",) and found.command == ("a", "b")
    assert found.environment == {"A": "1=2", "B": ""} and found.diff_ids == (D,)
    assert (found.user, found.working_directory, found.stop_signal) == ("app", "/w", "SIGUSR1")
    empty = read_configuration(json.dumps({**GOOD, "config": None}).encode())
    assert (empty.entrypoint, empty.command, empty.working_directory) == ((), (), "/")


@pytest.mark.parametrize(
    "said",
    [
        b"\xff",
        b"[]",
        {**GOOD, "architecture": "vax"},
        {**GOOD, "os": "windows"},
        {},
        {**GOOD, "config": ["x"]},
        {**GOOD, "config": {"Entrypoint": "sh"}},
        {**GOOD, "config": {"Cmd": [1]}},
        {**GOOD, "config": {"Cmd": ["a\0b"]}},
        {**GOOD, "config": {"WorkingDir": "relative"}},
        {**GOOD, "config": {"WorkingDir": "/a/../.."}},
        {**GOOD, "config": {"WorkingDir": "/" + "a" * 256}},
        {**GOOD, "config": {"WorkingDir": "/a" * 3000}},
        {**GOOD, "config": {"WorkingDir": "/\ud800"}},
        {**GOOD, "config": {"Env": ["A=" + "x" * 131_072]}},
        {**GOOD, "config": {"Env": ["A=\ud800"]}},
        {**GOOD, "config": {"Env": ["A=1"] * 10_001}},
        {**GOOD, "config": {"Entrypoint": ["/e", "x" * 131_072]}},
        {**GOOD, "config": {"Entrypoint": ["/\ud800"]}},
        {**GOOD, "config": {"User": 5}},
        {**GOOD, "rootfs": {"diff_ids": ["sha1:x"]}},
        {**GOOD, "rootfs": {"diff_ids": [D] * 5000}},
    ],
)
def test_what_cannot_be_run(said: Any) -> None:
    with pytest.raises(UnusableImage):
        read_configuration(said if isinstance(said, bytes) else json.dumps(said).encode())


@pytest.mark.parametrize(
    ("said", "user"),
    [
        ("", User(0, 0, (), "/root")),
        ("app", User(500, 600, (7,), "/app")),
        ("500", User(500, 600, (7,), "/app")),
        ("app:staff", User(500, 50, (), "/app")),
        ("app:9", User(500, 9, (), "/app")),
        ("1234", User(1234, 0, (), "/")),
        ("1234:5678", User(1234, 5678, (), "/")),
        ("nobody", None),
        ("app:none", None),
        ("70000", None),
        ("-1", None),
        ("huge", None),
        ("odd", User(7, 8, (), "/")),
        ("long", User(9, 9, (), "/")),
    ],
)
def test_who_its_user_is(tmp_path: Path, said: str, user: User | None) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    passwd = "root:x:0:0:r:/root:/bin/sh\nbroken\napp:x:500:600::/app:\nhuge:x:99999999:0::/:\n"
    passwd += "odd:x:7:8::/a\0b:\nlong:x:9:9::/" + "h" * 5000 + ":\n"
    (etc / "passwd").write_text(passwd)
    (etc / "group").write_text("root:x:0:\nstaff:x:50:\nmore:x:7:x,app\n")
    if user is None:
        with pytest.raises(UnusableImage):
            user_of(tmp_path, said)
    else:
        assert user_of(tmp_path, said) == user


def test_no_link_leads_to_the_users_of_the_host(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").symlink_to("/etc/passwd")
    with pytest.raises(UnusableImage):
        user_of(tmp_path, "daemon")
    (tmp_path / "etc/passwd").unlink()
    (tmp_path / "etc").rmdir()
    (tmp_path / "etc").symlink_to("../../../../../../etc")
    with pytest.raises(UnusableImage):
        user_of(tmp_path, "daemon")
