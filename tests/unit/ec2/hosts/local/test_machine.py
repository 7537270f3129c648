"""A machine of this host: its boot, its programs, its disks, and how it ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.executors.environments.pip_settings import PipSettings
from sagehen.executors.machines.volumes.choice import can_mount_images
from sagehen.services.ec2.hosts.host import (
    Attached,
    DiskInUse,
    DiskPlaceUnfit,
    DiskUnavailable,
    Host,
    HostGone,
    TerminalSize,
)
from sagehen.services.ec2.hosts.local.around import Around
from sagehen.services.ec2.hosts.local.hosts import LocalHosts
from tests.unit.ec2.hosts.machines import Roles, all_of, shell, wanted
from tests.unit.executors.conftest import MakeExecutor, make_executor
from tests.waiting import sandboxes_have_ended

__all__ = ["make_executor"]
pytestmark = pytest.mark.sandbox

ROOT = Attached("vol-0abc", "/dev/xvda", 1)
USER_DATA = b"""#!/bin/sh
echo "first $(whoami) $(id -u) $HOME $PWD $(hostname)"
mkdir /data && echo kept >/data/file && chown root:root /data
sudo -u ec2-user sh -c 'echo "then $(whoami) $HOME"'
exit 3
"""


async def _runs_programs(host: Host) -> None:
    program = await host.start(("/bin/sh", "-c", "cat; echo err >&2; exit 7"), user="ec2-user")
    await program.write(b"x" * 300_000)
    await program.end_input()
    code, text = await all_of(program)
    assert (code, len(text), text[-4:]) == (7, 300_004, "err\n")
    typed = await host.start((), user="root", terminal=TerminalSize(100, 30))
    await typed.resize(TerminalSize(120, 40))
    await typed.write(b"stty size; whoami; exit 5\n")
    code, text = await all_of(typed)
    assert (code, "40 120\nroot\n" in text) == (5, True)
    endless = await host.start(("/bin/sleep", "1000"), user="ec2-user")
    await endless.signal("TERM")
    assert await endless.wait() == 143


async def _copied_while_it_writes(hosts: LocalHosts, host: Host) -> tuple[int, int]:
    """Return between which numbers the one in the copy must be; the machine goes on after it."""
    count = "i=0; while :; do i=$((i+1)); echo $i >/data/next; mv /data/next /data/count; done"
    writer = await host.start(("/bin/sh", "-c", count), user="root")
    while not (first := await shell(host, "cat /data/count 2>/dev/null")):
        pass
    moment = asyncio.Event()
    assert (await hosts.snapshot({"snap-1": ROOT}, moment.set))["snap-1"] > 0
    assert moment.is_set()
    written = int(await shell(host, "cat /data/count"))
    while int(await shell(host, "cat /data/count")) == written:
        pass
    await writer.kill()
    return int(first), written


async def _is_measured(host: Host) -> None:
    assert host.carried().bytes_in == 0  # what goes on inside is none of it
    dialled = "import socket; print(socket.create_connection(('127.0.0.1', 4566)).recv(99))"
    assert "the platform" in await shell(host, f'python3 -c "{dialled}"; sync')
    assert host.carried().bytes_in == len("the platform")
    if can_mount_images():
        # This machine's alone: a loop device's own numbers go on where another file's ended.
        assert 0 < host.disk_work()["vol-0abc"].bytes_written < 100 << 20


async def _gets_a_disk(host: Host, *, grows: bool) -> None:
    """While it runs; where whoever is inside has put a link, nothing is mounted."""
    await shell(host, "ln -s /tmp /mnt/sdg", user="root")
    with pytest.raises(DiskPlaceUnfit, match="/mnt/sdg"):
        await host.attach(Attached("vol-aside", "/dev/sdg", 1))
    for _ in range(2):  # the second time it has it already
        await host.attach(Attached("vol-live", "/dev/sdf", 1))
    if grows:
        await host.grow("vol-live", 2)
    else:
        with pytest.raises(DiskUnavailable, match="CAP_SYS_RESOURCE"):
            await host.grow("vol-live", 2)
    shown = await shell(host, "cd /mnt/sdf && echo kept >file && df --output=size,target -m . | tail -1")
    size, target = shown.split()
    assert (int(size) > 1500, target) == (grows, "/mnt/sdf")


async def _gives_it_back(host: Host) -> None:
    """It is still there after a reboot; programs that use it keep it."""
    holder = await host.start(
        ("/bin/sh", "-c", "exec 3</mnt/sdf/file; echo; read x; cat <&3"), user="ec2-user"
    )
    assert await holder.read() == b"\n"
    with pytest.raises(DiskInUse):
        await host.detach("vol-live", in_use=False)
    await host.detach("vol-live", in_use=True)
    assert await shell(host, "ls -A /mnt/sdf") == ""
    await holder.end_input()
    assert await all_of(holder) == (0, "kept\n")


async def _ends_from_inside(host: Host) -> None:
    with pytest.raises(HostGone):
        await all_of(await host.start(("/bin/sh", "-c", "sudo shutdown -h now; sleep 60"), user="ec2-user"))
        await host.wait_gone()
        await host.start(("true",), user="ec2-user")
    assert await host.wait_gone() == ""
    await host.stop(1)


async def _is_copied_at_rest(hosts: LocalHosts) -> None:
    assert set(await hosts.snapshot({"snap-3": ROOT})) == {"snap-3"}
    await hosts.copy_snapshot("snap-4", "snap-3")
    with pytest.raises(DiskUnavailable):
        await hosts.copy_snapshot("snap-5", "snap-absent")
    await hosts.make_volume("vol-2", 2, "snap-1")
    assert await hosts.keep_only({"vol-2"}, {"snap-2", "snap-4", "snap-5"}) == {"snap-2", "snap-4"}


async def _boots(hosts: LocalHosts, console: bytearray) -> Host:
    """Its user data has run, and failed; whose key was given can come in."""
    key = "ssh-ed25519 AAAA me"
    role = {"role_name": "r", "role_arn": "arn:aws:iam::123456789012:role/r"}
    machine = wanted(user_data=USER_DATA, authorized_keys=(key,), **role)
    host = await hosts.launch(machine, console.extend)
    await host.boot()
    shown = console.decode().replace("\r", "")
    assert "first root 0 /root / ip-172-31-5-4\nthen ec2-user /home/ec2-user\n" in shown
    assert "WARNING: Failed running /var/lib/cloud/instance/scripts/part-001 [3]" in shown
    logged = await shell(
        host, "cat /var/log/cloud-init-output.log; sudo cat /var/lib/cloud/instance/user-data.txt"
    )
    assert "first root 0" in logged
    assert USER_DATA.decode() in logged
    assert await host.authorized_keys("ec2-user") == (key,)
    with pytest.raises(KeyError):
        await host.start(("true",), user="nobody-here")
    return host


async def _starts_again(hosts: LocalHosts, host: Host) -> None:
    """Copied while it is at rest; what was written is there."""

    async def at_rest() -> None:
        assert set(await hosts.snapshot({"snap-2": ROOT})) == {"snap-2"}

    await host.reboot(1, at_rest)
    found = "import boto3; c = boto3.Session().get_credentials(); print(c.method, c.access_key)"
    assert await shell(host, f"cat /data/file; python -c '{found}'") == "kept\nmore\niam-role ASIA1\n"


async def _live_side_by_side(hosts: LocalHosts, console: bytearray, copied: tuple[int, int]) -> None:
    """Several at once, as after the platform's restart; neither sees the other's files."""
    of_copy = wanted("2", root=Attached("vol-2", "/dev/xvda", 2), first_boot=False)
    other, third = await asyncio.gather(
        hosts.launch(of_copy, console.extend), hosts.launch(wanted("3"), console.extend)
    )
    assert await shell(other, "cat /data/file") == "kept\nmore\n"
    assert copied[0] <= int(await shell(other, "cat /data/count")) <= copied[1]
    assert "No such file" in await shell(third, "cat /data/file")
    await asyncio.gather(other.stop(1), third.stop(1))


async def test_a_machine_boots_runs_programs_and_keeps_its_disk(
    make_executor: MakeExecutor, tmp_path: Path
) -> None:
    executor = make_executor()
    around = Around(4566, None, PipSettings({}, ()))
    hosts = LocalHosts(tmp_path / "hosts", executor, around, Roles(), SystemClock())  # type: ignore[arg-type]
    console = bytearray()
    host = await _boots(hosts, console)
    listens = "import socket; socket.create_server(('127.0.0.1', 443)); print('listens')"
    assert await shell(host, f'python3 -c "{listens}"', "root") == "listens\n"
    await _runs_programs(host)
    await _is_measured(host)

    # What leads out of the disk is moved aside, not followed, when the machine starts again.
    escapes = f"ln -s {tmp_path} /etc/aside; mv /opt/sagehen /y; ln -s {tmp_path} /opt/sagehen; rm -rf /srv"
    await shell(host, f"{escapes}; ln -s / /srv; echo more >>/data/file", "root")
    before = sorted(path.name for path in tmp_path.iterdir())
    copied = await _copied_while_it_writes(hosts, host)
    changes_disks = await hosts.changes_disks_of_running()
    if changes_disks:
        await _gets_a_disk(host, grows=await hosts.changes_disks_of_running(size=True))
    await _starts_again(hosts, host)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    if changes_disks:
        await _gives_it_back(host)
    await _ends_from_inside(host)

    await _is_copied_at_rest(hosts)
    hosts = LocalHosts(tmp_path / "hosts", executor, around, Roles(), SystemClock())  # type: ignore[arg-type]
    await _live_side_by_side(hosts, console, copied)
    await hosts.keep_only((), ())
    assert not list((tmp_path / "hosts" / "volumes").iterdir())
    await executor.close()
    await sandboxes_have_ended()
