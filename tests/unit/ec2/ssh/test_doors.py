"""Doors of machines, with OpenSSH's own clients in front of them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sagehen.api.errors import ServiceError
from sagehen.cli.instances.ssh import words
from sagehen.domain.scope import Scope
from sagehen.services.ec2.key_pairs.material import half_of, pem
from sagehen.services.ec2.ssh.acts import SshActs
from sagehen.services.ec2.ssh.doors import MachineDoors
from sagehen.services.ec2.ssh.host_keys import HostKeys

from .machine import LocalHost, Rules, wanted

INSTANCE = "i-0123456789abcdef0"
_numbers = itertools.count(1)
needs_openssh = pytest.mark.skipif(
    shutil.which("ssh") is None or shutil.which("sftp") is None or sys.platform != "linux",
    reason="openssh-client is not on this machine, or 127/8 is not all its own",
)


@dataclass
class Place:
    doors: MachineDoors
    host: LocalHost
    rules: Rules
    address: str
    port: int
    folder: Path

    @property
    def options(self) -> list[str]:
        known = self.folder / "known_hosts"
        return [
            *("-F", "none", "-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes"),
            *("-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR", "-i", str(self.folder / "key")),
        ]

    async def run(self, *words: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        async with asyncio.timeout(60):
            out, error = await process.communicate(given)
        assert process.returncode is not None
        return process.returncode, out, error

    async def ssh(self, *words: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
        return await self.run(
            "ssh", *self.options, "-p", str(self.port), f"ec2-user@{self.address}", *words, given=given
        )


def new_key(path: Path) -> str:
    key = Ed25519PrivateKey.generate()
    path.write_text(pem(key) + "\n")
    path.chmod(0o600)
    return half_of(key).line


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    line = new_key(tmp_path / "key")
    home = tmp_path / "home"
    home.mkdir()
    host = LocalHost(home, {"ec2-user": ("# mine", line)})
    rules = Rules((22, 22))
    # An address of this process alone: tests run side by side.
    pid = os.getpid()
    address = f"127.{64 + next(_numbers) % 64}.{pid >> 8 & 255}.{pid & 255 or 1}"
    doors = MachineDoors(tmp_path / "secret").ruled_by(rules)
    port = await doors.open(wanted(address), host)  # type: ignore[arg-type]
    name = address if port == 22 else f"[{address}]:{port}"
    (tmp_path / "known_hosts").write_text(f"{name} {doors.host_key(INSTANCE)}\n")
    assert b"SSH HOST KEY FINGERPRINTS" in doors.told(INSTANCE)
    yield Place(doors, host, rules, address, port, tmp_path)
    await doors.close_all()


@needs_openssh
async def test_commands_with_their_streams_and_codes(place: Place) -> None:
    code, out, error = await place.ssh("cat; echo $LC_ALL $SSH_CLIENT; echo no >&2; exit 7", given=b"hello\n")
    assert (code, error) == (7, b"no\n")
    assert out.startswith(b"hello\n")
    content = os.urandom(3_000_000)
    code, out, _ = await place.ssh("cat", given=content)
    assert (code, out) == (0, content)
    # Words are the shell's alone: nothing is read twice.
    code, out, _ = await place.ssh("""printf '%s' "$0 a  b" '$HOME'""")
    assert out == b"/bin/bash a  b$HOME" or out.endswith(b" a  b$HOME")


@needs_openssh
async def test_a_shell_with_a_terminal(place: Place) -> None:
    code, out, _ = await place.run(
        *("ssh", *place.options, "-tt", "-p", str(place.port), f"ec2-user@{place.address}"),
        given=b"test -t 0 && echo it is a $TERM terminal; stty size; exit 3\n",
    )
    assert code == 3
    assert b"it is a " in out
    assert place.host.started == [()]


@needs_openssh
async def test_files_go_both_ways_by_scp_and_sftp(place: Place) -> None:
    mine, back = place.folder / "mine", place.folder / "back"
    mine.mkdir()
    (mine / "model.pt").write_bytes(os.urandom(700_000))
    (mine / "-o odd name").write_text("x")
    port, there = ["-P", str(place.port)], f"ec2-user@{place.address}"
    for old in ([], ["-O"]):
        code, _, error = await place.run(
            "scp", *old, "-r", "-p", *place.options, *port, str(mine), f"{there}:up{len(old)}"
        )
        assert (code, error) == (0, b"")
        assert (place.host.home / f"up{len(old)}" / "model.pt").read_bytes() == (
            mine / "model.pt"
        ).read_bytes()
        code, _, error = await place.run(
            "scp", *old, "-r", *place.options, *port, f"{there}:up{len(old)}", str(back)
        )
        assert (code, error) == (0, b"")
        assert (back / "-o odd name").read_text() == "x"
        shutil.rmtree(back)
    carried = place.host.traffic.read()
    assert min(carried.bytes_in, carried.bytes_out) > 2 * 700_000
    batch = (
        f"mkdir d\ncd d\nput {mine}/model.pt\nrename model.pt m2\nln -s m2 l\nls -l\n"
        f"get m2 {mine}/again\nrm l\n"
        "chmod 600 m2\n-get none\n-rmdir .\npwd\n"
    ).encode()
    code, _, error = await place.run("sftp", "-b", "-", *place.options, *port, there, given=batch)
    assert code == 0, error
    assert (mine / "again").read_bytes() == (place.host.home / "d" / "m2").read_bytes()
    assert (place.host.home / "d" / "m2").stat().st_mode & 0o777 == 0o600


@needs_openssh
async def test_only_keys_of_the_machine_log_in(place: Place) -> None:
    place.host.keys["ec2-user"] = ()
    code, _, error = await place.ssh("true")
    assert code == 255 and b"Permission denied (publickey)" in error
    # Instance Connect lets a key in, for that user alone.
    door = place.doors.find(Scope("111122223333", "us-east-1"), INSTANCE)
    assert door is not None
    door.pushed.push("root", new_key(place.folder / "key"))
    assert (await place.ssh("true"))[0] == 255
    door.pushed.push("ec2-user", new_key(place.folder / "key"))
    assert (await place.ssh("true"))[0] == 0
    assert place.doors.find(Scope("111122223333", "eu-west-1"), INSTANCE) is None


@needs_openssh
async def test_a_closed_port_22_is_closed(place: Place) -> None:
    place.rules.open.clear()
    assert (await place.ssh("true"))[0] == 255
    assert place.host.started == []
    assert place.rules.asked == [(INSTANCE, "127.0.0.1", 22)]


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    content = await reader.read()
    writer.write(b"echo " + content)
    await writer.drain()
    writer.close()


@needs_openssh
async def test_who_says_nothing_keeps_nobody_out(place: Place) -> None:
    loop = asyncio.get_running_loop()
    silent = [socket.socket() for _ in range(80)]
    try:
        for each in silent:
            each.setblocking(False)
            await loop.sock_connect(each, (place.address, place.port))
        code, out, error = await place.ssh("echo in")
        assert (code, out) == (0, b"in\n"), error
        # The first ones had to leave, the last ones did not.
        await asyncio.wait_for(_end_of(silent[0]), 10)
        greeting = await asyncio.wait_for(loop.sock_recv(silent[-1], 4), 10)
        assert greeting == b"SSH-"
    finally:
        for each in silent:
            each.close()


async def _end_of(connection: socket.socket) -> None:
    with contextlib.suppress(ConnectionResetError):
        while await asyncio.get_running_loop().sock_recv(connection, 4096):
            pass


@needs_openssh
async def test_ports_of_the_machine_are_forwarded_and_no_others(place: Place) -> None:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    target = ["ssh", *place.options, "-p", str(place.port), f"ec2-user@{place.address}"]
    assert await place.run(*target, "-W", f"localhost:{port}", given=b"me") == (0, b"echo me", b"")
    for other in (f"127.0.0.2:{port}", "169.254.169.254:80", f"localhost:{place.port + 1}"):
        code, out, _ = await place.run(*target, "-W", other, given=b"me")
        assert (code, out) == (255, b"")
    code, _, error = await place.run(
        *target, "-o", "ExitOnForwardFailure=yes", "-R", "0:localhost:22", "true"
    )
    assert code == 255, error
    server.close()


async def test_other_ports_are_reached_where_groups_open_them(place: Place) -> None:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(place.address, port)
    place.rules.open.append((port, port))
    door = place.doors.find(Scope("111122223333", "us-east-1"), INSTANCE)
    assert door is not None
    await door.follow(place.rules.open)
    reader, writer = await asyncio.open_connection(place.address, port)
    writer.write(b"you")
    writer.write_eof()
    assert await reader.read() == b"echo you"
    writer.close()
    server.close()
    await server.wait_closed()
    reader, writer = await asyncio.open_connection(place.address, port)  # nobody listens inside
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    await door.follow([])
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(place.address, port)


@needs_openssh
async def test_who_leaves_ends_his_program_and_a_closed_door_ends_all(place: Place) -> None:
    process = await asyncio.create_subprocess_exec(
        *(
            "ssh",
            *place.options,
            "-p",
            str(place.port),
            f"ec2-user@{place.address}",
            "echo here; exec sleep 600",
        ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"here\n"
    await place.doors.close(INSTANCE)
    assert await process.wait() == 255
    async with asyncio.timeout(30):
        assert await place.host.programs[0].wait() in (129, 137)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(place.address, place.port)


@needs_openssh
async def test_the_operator_is_let_in_by_a_key_for_one_time(place: Place) -> None:
    line = new_key(place.folder / "once")
    scope = Scope("111122223333", "us-east-1")
    way = await SshActs(place.doors).ssh(scope, {"InstanceId": INSTANCE, "PublicKey": line})
    known = place.folder / "known once"
    known.write_text(f"{INSTANCE} {way['HostKey']}\n")
    command = words(
        "ssh", way, INSTANCE, place.folder / "once", known, ["-oProxyCommand=touch bad", "echo", "x y"]
    )
    code, out, _ = await place.run(*command)
    assert (code, out) == (127, b"")  # all of it is the command, inside
    command = words("ssh", way, INSTANCE, place.folder / "once", known, ["echo", "x  y"])
    assert (await place.run(*command))[:2] == (0, b"x y\n")
    for bad in ({"InstanceId": "i-1"}, {"InstanceId": INSTANCE, "PublicKey": "ssh-rsa A"}, {}):
        with pytest.raises(ServiceError):
            await SshActs(place.doors).ssh(scope, bad)


async def test_where_22_is_taken_another_port_is_told(tmp_path: Path) -> None:
    address = f"127.63.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"
    doors = MachineDoors(tmp_path / "secret").ruled_by(Rules())
    scope = Scope("111122223333", "us-east-1")
    with socket.socket() as others:
        try:
            others.bind((address, 22))
            others.listen()
        except OSError:
            pass  # not ours to bind, which comes to the same
        host = LocalHost(tmp_path, {})
        assert await doors.open(wanted(address), host) == 2222  # type: ignore[arg-type]
    assert (await SshActs(doors).ssh_ports(scope, {}))["Ports"] == {INSTANCE: 2222}
    assert b"port 2222 of 127" in doors.told(INSTANCE)
    await doors.close_all()


def test_host_keys_stay_and_differ(tmp_path: Path) -> None:
    first = HostKeys(tmp_path / "ec2" / "secret")
    key = first.public("i-1")
    assert HostKeys(tmp_path / "ec2" / "secret").public("i-1") == key
    assert first.public("i-2") != key
    assert (tmp_path / "ec2" / "secret").stat().st_mode & 0o777 == 0o600
    assert HostKeys(tmp_path / "other").public("i-1") != key
