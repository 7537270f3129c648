"""Root in a machine: writes everywhere, keeps it, and gains nothing of the host's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from sagehen.executors.base import Limits, Network
from sagehen.executors.machines.commands import Command
from sagehen.executors.machines.machine import Machine
from sagehen.executors.machines.machines import Disk, MachineSpec, start
from sagehen.executors.machines.roots import choice, own
from sagehen.executors.machines.roots.choice import RootKind, root_kind
from sagehen.executors.machines.volumes import copies
from sagehen.executors.machines.volumes.choice import chosen_volumes
from sagehen.executors.machines.volumes.volume import Volumes
from sagehen.executors.sandbox.executor import SandboxExecutor
from tests.unit.executors.conftest import MakeExecutor
from tests.waiting import sandboxes_have_ended

# Each is tried by root inside, and has to fail.
_ATTACKS = (
    "mount -t tmpfs none /mnt",
    "/usr/bin/mount -t tmpfs none /mnt",
    "unshare -U true",
    "unshare -m true",
    "unshare -n true",
    "chroot / true",
    "mknod /tmp/disk b 254 0",
    "mknod /tmp/null c 1 3",
    "cat /proc/1/environ",
    "cat /proc/1/maps",
    "ls /proc/1/root",
    "ls /proc/1/fd",
    "echo x >/proc/sys/kernel/core_pattern",
    "echo c >/proc/sysrq-trigger",
    "echo 1 >/proc/sys/vm/drop_caches",
    "setpriv --reuid=70000 true",
    "setpriv --reuid=4294967294 true",
    "nsenter -t 1 -m true",
    "dmesg",
    "date -s 2020-01-01",
    "ip link set lo down",
    "ip addr add 10.9.9.9/8 dev lo",
    "ls {folder}",
    "chmod u-s /usr/bin/su",
    "chown 0:0 /usr/bin/su && [ $(stat -c %u /usr/bin/su) = 0 ]",
    "echo x >>/usr/bin/env",
    "ln /usr/bin/env /usr/bin/env2",
    "python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'",
    "python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'",
    "python3 -c 'import os; os.setuid(1 << 20)'",
    "python3 -c 'open(\"/dev/kmsg\")'",
    "python3 -c 'import os; [os.openpty() for _ in range(257)]'",
    "setcap cap_sys_admin+ep /tmp/copy && /tmp/copy -c 'mount -t tmpfs none /mnt'",
)
_WRITES = """set -e
echo mine >/usr/bin/sagehen-mine; mkdir /usr/share/mine; echo also >/usr/share/mine/file
rm /usr/bin/yes; cp --remove-destination /bin/sh /usr/bin/zcat
echo x >/srv/x; echo y >/var/y; echo z >/etc/z; echo w >/w; id -u; cp /bin/sh /tmp/copy
mkdir /tmp/t; echo t >/tmp/t/f
tar -C /tmp -cf /tmp/t.tar --owner=1234 --group=567 t; tar -C /srv -xf /tmp/t.tar
"""
_READS = "cat /usr/bin/sagehen-mine /usr/share/mine/file /srv/x /var/y /etc/z /w /srv/t/f"
_OWNER = "stat -c %u:%g /srv/t/f"

pytestmark = pytest.mark.sandbox


def _first(tree: Path | None, written: Mapping[str, Path]) -> None:
    assert tree is not None
    for name in ("data", "mnt", "root", "srv", "tmp", "var/lib/dpkg"):
        (tree / name).mkdir(parents=True)
    (written["etc"] / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")


def _lowers(folder: Path) -> list[own.Lower]:
    """Return those of every machine, and one over a folder in which the host's root keeps a secret."""
    system, shared = folder / "system", folder / "shared"
    system.mkdir(exist_ok=True)
    shared.mkdir(exist_ok=True)
    (shared / "secret").write_text("secret")
    (shared / "secret").chmod(0o600)
    (shared / "open").write_text("open")
    (system / "shared.json").write_text(json.dumps({"folders": [], "links": [], "files": [], "texts": []}))
    return [
        *own.write(system, with_local=False),
        own.Lower("shared", "/data", system / "shared.json", shared),
    ]


async def _started(executor: SandboxExecutor, folder: Path, volumes: Volumes, name: str) -> Machine:
    disk = Disk(await volumes.open(name, 64), "/", "tree", first=_first, layers=_lowers(folder))
    spec = MachineSpec(
        name=name, folder=folder / f"records-{name}", hostname="here", disks=(disk,), home="/root",
        limits=Limits(cpus=1, memory_mib=256, processes=64, overrun_ends_all=False), user_name="root",
        network=Network(name, platform_door=False), warm_parent="bare",
    )  # fmt: skip
    return await start(spec, executor)


async def _lines(machine: Machine, text: str) -> list[str]:
    lines: list[str] = []
    await machine.run(Command(("/bin/sh", "-c", text)), lines.append, 30)
    return lines


async def test_root_writes_everywhere_and_gains_nothing(make_executor: MakeExecutor, tmp_path: Path) -> None:
    kind = await asyncio.to_thread(root_kind)
    if kind is RootKind.NONE:
        pytest.skip("the kernel allows no writable roots here")
    executor = make_executor()
    volumes = chosen_volumes(tmp_path / "volumes")
    before = Path("/usr/bin/env").stat()
    machine = await _started(executor, tmp_path, volumes, "one")
    assert await _lines(machine, _WRITES) == ["0"]
    if kind is RootKind.MANY:
        assert await _lines(machine, "stat -c %u:%a /run") == ["0:755"]
    attacks = [attack.format(folder=tmp_path) for attack in _ATTACKS]
    if kind is RootKind.MANY:  # else what the platform's user keeps to himself is root's inside
        attacks += ["cat /data/secret", "chmod 777 /data/open"]
    script = "\n".join(f"({attack}) >/dev/null 2>&1 && echo {n}" for n, attack in enumerate(attacks))
    told = await _lines(machine, f"{script}\ncat /data/open; echo; kill -9 1; ls /usr/bin/env")
    assert [attacks[int(line)] for line in told if line.isdigit()] == []
    assert told[-2:] == ["open", "/usr/bin/env"]  # all of them were tried, and it runs on
    await machine.stop(5)
    after = Path("/usr/bin/env").stat()
    assert (after.st_mtime_ns, after.st_mode, after.st_uid) == (
        before.st_mtime_ns,
        before.st_mode,
        before.st_uid,
    )
    assert not Path("/usr/bin/sagehen-mine").exists()

    assert await copies.copy(tmp_path / "volumes" / "one", tmp_path / "volumes" / "two") > 0
    copied = await _started(executor, tmp_path, volumes, "two")
    seen = ["mine", "also", "x", "y", "z", "w", "t"]
    assert (await _lines(copied, f"{_READS}; {_OWNER}"))[:7] == seen
    owner = "1234:567" if kind is RootKind.MANY else "0:0"
    assert (await _lines(copied, f"ls /usr/bin/yes 2>/dev/null; {_OWNER}")) == [owner]
    await copied.stop(5)
    await volumes.remove("one")
    await executor.close()
    await sandboxes_have_ended()


def test_what_is_roots_is_public(tmp_path: Path) -> None:
    for lower in own.write(tmp_path, with_local=False):
        names = json.loads(lower.own.read_text())
        for (name,) in names["folders"] if lower.name == "usr" else ():
            assert Path("/usr", name).stat().st_mode & 0o005 == 0o005
        for _, source in names["files"]:
            assert Path(source).stat().st_mode & 0o004
        made = [name for name, *_ in names["folders"]]
        assert [name for name in made if "/" in name and name.rpartition("/")[0] not in made] == []
        assert "shadow" not in {name for name, _ in names["files"]}


def test_sources_of_packages_with_a_password_stay_the_hosts(tmp_path: Path) -> None:
    texts = {
        "sources.list": "deb https://packages.example/debian stable main",
        "sources.list.d/own.list": "deb https://me:word@packages.example/ ./",
        "sources.list.d/own.sources": "URIs: https://packages.example",
        "sources.list.d/path.list": "deb https://packages.example/8f14e45fceea167a5a36dedd4bea2543/any ./",
        "sources.list.d/uuid.list": "deb https://a.example/9b2d7c1e-0f3a-4c55-8e21-1a2b3c4d5e6f/deb ./",
        "sources.list.d/query.sources": "URIs: https://packages.example/deb?key=1",
        "sources.list.d/public.list": "deb [signed-by=/usr/share/keyrings/a.gpg]"
        " http://packages.example/archive/debian-security/20250520T000000Z bookworm-security main",
        "keyrings/key.gpg": "@",
        "auth.conf": "machine packages.example login me password word",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "keyrings" / "closed.gpg").write_text("")
    (tmp_path / "keyrings" / "closed.gpg").chmod(0o640)
    assert own.sources(tmp_path) == [
        "sources.list", "sources.list.d/own.sources", "sources.list.d/public.list", "keyrings/key.gpg",
    ]  # fmt: skip


def test_what_was_found_out_holds_until_the_computer_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = iter((RootKind.ONE, RootKind.NONE))
    monkeypatch.setattr(choice, "root_kind", lambda: next(found))
    assert [choice.remembered_kind(tmp_path) for _ in range(2)] == [RootKind.ONE] * 2
    (tmp_path / "root.json").write_text('{"of": ["another start", 0, ""], "kind": "ONE"}')
    assert choice.remembered_kind(tmp_path) is RootKind.NONE
