"""What a hostile process in a sandbox can see and do: nothing beyond its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from sagehen.executors.base import ExitStatus, Mount, Network, SandboxUnavailable

from ..conftest import PLATFORM_PORT, Bench, MakeExecutor

pytestmark = pytest.mark.sandbox

_PRELUDE = """
import ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def refused(call, *args):
    assert call(*args) < 0, (call, args)
    return ctypes.get_errno()
"""


async def test_other_processes_are_invisible_and_cannot_be_reached(bench: Bench) -> None:
    other = await bench.start(bench.spec("import time; time.sleep(60)"))
    status, lines = await bench.run(
        f"import os\nprint(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))\n"
        f"for pid in ({os.getpid()}, {other.pid}):\n"
        "    try: os.kill(pid, 9)\n"
        "    except (ProcessLookupError, PermissionError): print('refused')\n"
        "try: os.kill(-1, 0)\nexcept (ProcessLookupError, PermissionError): print('nobody else')\n"
    )
    assert status.code == 0, lines
    assert lines == ["stdout: [1, 2]", "stdout: refused", "stdout: refused", "stdout: nobody else"]
    assert (await other.kill()).code == 137


async def test_the_hosts_files_are_invisible(bench: Bench, tmp_path: Path) -> None:
    homes = {Path("/root") if os.geteuid() == 0 else Path.home(), Path.home(), tmp_path}
    canaries = [home / f".sagehen-canary-{os.getpid()}" for home in homes]
    for canary in canaries:
        canary.write_text("secret")
        canary.chmod(0o644)
    try:
        status, lines = await bench.run(
            "import os\n"
            f"for path in {[str(canary) for canary in canaries]!r}:\n"
            "    for seen in (path, '/proc/1/root' + path, '/proc/self/root' + path):\n"
            "        if os.path.exists(seen): print('SEEN', seen)\n"
            "for path in ('/etc/shadow', '/etc/ssh', '/var/lib', '/sys', '/srv', '/mnt'):\n"
            "    if os.path.exists(path): print('SEEN', path)\n"
            f"print(os.path.exists({str(tmp_path / 'runtime')!r}))\n"
        )
    finally:
        for canary in canaries:
            canary.unlink()
    assert status.code == 0
    assert lines == ["stdout: False"]


async def test_it_has_no_rights_at_all(bench: Bench) -> None:
    status, lines = await bench.run(
        _PRELUDE + "lines = open('/proc/self/status').read().splitlines()\n"
        "fields = dict(line.split(':\\t', 1) for line in lines if ':\\t' in line)\n"
        "for name in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'):\n"
        "    assert int(fields[name], 16) == 0, (name, fields[name])\n"
        "assert fields['NoNewPrivs'] == '1' and fields['Seccomp'] == '2'\n"
        "assert os.getuid() != 0 and {*os.getgroups()} <= {os.getgid(), 65534}, os.getgroups()\n"
        "refused(libc.mount, b'none', b'/tmp', b'tmpfs', 0, None)\n"
        "refused(libc.umount2, b'/tmp', 2)\n"
        "for flag in (0x10000000, 0x00020000, 0x20000000, 0x40000000): refused(libc.unshare, flag)\n"
        "refused(libc.ptrace, 16, 1, 0, 0)\n"
        "refused(libc.setuid, 0)\n"
        "refused(libc.chroot, b'/tmp')\n"
        "refused(libc.sethostname, b'x', 1)\n"
        "proc = ('/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger')\n"
        "for path in (*proc, '/dev/mem', '/dev/vda', '/dev/kmsg'):\n"
        "    try: open(path, 'r+'); print('OPENED', path)\n"
        "    except OSError: pass\n"
        "try: os.mknod('/tmp/sda', 0o60666, os.makedev(8, 0)); print('MADE A DEVICE')\n"
        "except OSError: pass\n"
        "print(sorted(int(fd) for fd in os.listdir('/proc/self/fd'))[:4])\n"
    )
    assert status.code == 0, lines
    assert lines == ["stdout: [0, 1, 2, 3]"]  # 3 is the listing itself


async def test_no_descriptor_of_the_platform_leaks(bench: Bench) -> None:
    _, lines = await bench.run(
        "import os\nopen_fds = [f'/proc/self/fd/{fd}' for fd in range(3, 64)]\n"
        "links = [os.readlink(fd) for fd in open_fds if os.path.lexists(fd)]\n"
        "print([link for link in links if link.startswith(('net:', 'user:', 'socket:', '/memfd'))])",
        network=Network("leak"),
    )
    assert lines == ["stdout: []"]


async def test_it_leaves_the_others_some_of_what_the_kernel_counts_for_all(bench: Bench) -> None:
    if bench.warm_parent is None:
        pytest.skip("bubblewrap cannot bound them")
    status, lines = await bench.run(
        _PRELUDE + "notifiers = terminals = 0\n"
        "while notifiers < 200 and libc.inotify_init() >= 0: notifiers += 1\n"
        "try:\n    while terminals < 300: os.openpty(); terminals += 1\n"
        "except OSError: pass\n"
        "print(notifiers, terminals)"
    )
    assert status.code == 0, lines
    [notifiers, terminals] = map(int, lines[0].split()[1:])
    if os.geteuid() != 0:  # root gives each sandbox a user of its own, with a share of its own
        assert notifiers <= 32
    assert notifiers > 0
    assert 0 < terminals <= 256


async def test_the_root_of_the_mounts_is_read_only_and_proc_is_its_own(bench: Bench) -> None:
    _, lines = await bench.run(
        "print([l.split()[1] for l in open('/proc/mounts') if 'rw' in l.split()[3].split(',')"
        " and not l.split()[1].startswith(('/dev', '/proc'))])"
    )
    assert lines == ["stdout: ['/tmp', '/var/tmp', '/run', '/home/job']"]


async def test_the_credentials_of_one_child_are_not_in_the_memory_of_the_next(bench: Bench) -> None:
    secret = "canary" + "-of-the-first-job"
    await bench.run("pass", environment={"AWS_SECRET_ACCESS_KEY": secret})
    status, lines = await bench.run(
        "first, second = b'canary-of', b'-the-first-job'  # never side by side in this process itself\n"
        "memory = open('/proc/self/mem', 'rb', 0)\n"
        "for line in open('/proc/self/maps'):\n"
        "    span, rights, *_, = line.split()\n"
        "    if rights[0] != 'r' or '[v' in line: continue\n"
        "    start, end = (int(part, 16) for part in span.split('-'))\n"
        "    try:\n"
        "        memory.seek(start)\n"
        "        found = any(part.startswith(second) for part in memory.read(end - start).split(first)[1:])\n"
        "    except (OSError, OverflowError): continue\n"
        "    if found: print('FOUND', line)\n"
        "print('searched')\n"
    )
    assert (status.code, lines) == (0, ["stdout: searched"])


async def test_two_jobs_may_use_one_port_and_two_hosts_of_a_job_talk(bench: Bench) -> None:
    server = (
        "import socket\ns = socket.create_server((socket.gethostname(), 7777))\nprint('listening')\n"
        "c, _ = s.accept(); print('got', c.recv(100).decode())\n"
    )
    client = (
        "import socket, sys, time\n"
        "for _ in range(200):\n"
        "    try: c = socket.create_connection(('algo-1', 7777)); break\n"
        "    except OSError: time.sleep(0.02)\n"
        "c.sendall(sys.argv[1].encode())\n"
    )
    hosts = {"algo-1": "127.0.0.1", "algo-2": "127.0.0.2"}
    boxes = []
    for job in ("red", "blue"):
        network = Network(f"job-{job}", hosts)
        boxes.append(bench.spec(server, network=network, hostname="algo-1", name=f"{job}-1"))
        boxes.append(bench.spec(client, job, network=network, hostname="algo-2", name=f"{job}-2"))
    sandboxes = await asyncio.gather(*(bench.start(spec) for spec in boxes))
    statuses = await asyncio.gather(*(sandbox.wait() for sandbox in sandboxes))
    assert [status.code for status in statuses] == [0, 0, 0, 0], bench.lines
    assert bench.lines["red-1"] == ["stdout: listening", "stdout: got red"]
    assert bench.lines["blue-1"] == ["stdout: listening", "stdout: got blue"]


_KNOCK = (
    "import socket\n"
    f"try: print(socket.create_connection(('127.0.0.1', {PLATFORM_PORT}), 2).recv(100))\n"
    "except OSError as error: print(type(error).__name__)\n"
)


async def test_the_platforms_door_is_inside_the_network(bench: Bench) -> None:
    _, lines = await bench.run(_KNOCK, network=Network("with-door"))
    assert lines == ["stdout: b'the platform'"]


@pytest.mark.parametrize("network", [None, Network("isolated", platform_door=False)])
async def test_an_isolated_sandbox_has_no_door(bench: Bench, network: Network | None) -> None:
    _, lines = await bench.run(_KNOCK, network=network)
    assert lines == ["stdout: ConnectionRefusedError"]


async def test_the_hosts_own_ports_are_not_reachable(bench: Bench) -> None:
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    _, lines = await bench.run(_KNOCK.replace(str(PLATFORM_PORT), str(port)), network=Network("alone"))
    server.close()
    await server.wait_closed()
    assert lines == ["stdout: ConnectionRefusedError"]


async def test_the_platform_reaches_a_port_inside(bench: Bench) -> None:
    spec = bench.spec(
        "import socket\ns = socket.create_server(('127.0.0.1', 8080)); print('up')\n"
        "c, _ = s.accept(); c.sendall(b'pong'); c.close()",
        network=Network("serving"),
    )
    sandbox = await bench.start(spec)
    await bench.line(spec.name, "up")
    reader, writer = await asyncio.open_connection(
        sock=await bench.executor.networks.connect("serving", ("127.0.0.1", 8080))
    )
    assert await reader.read() == b"pong"
    writer.close()
    await sandbox.wait()
    with pytest.raises(ConnectionRefusedError):
        await bench.executor.networks.connect("serving", ("127.0.0.1", 8080))


async def test_hostname_and_names(bench: Bench) -> None:
    _, lines = await bench.run(
        "import socket, getpass\n"
        "resolved = [socket.gethostbyname(name) for name in ('algo-2', 'localhost')]\n"
        "print(socket.gethostname(), *resolved, getpass.getuser())\n"
        "try: socket.gethostbyname('example.com')\nexcept OSError: print('unknown')",
        network=Network("names", {"algo-1": "127.0.0.1", "algo-2": "127.0.0.2"}),
        hostname="algo-1",
    )
    assert lines == ["stdout: algo-1 127.0.0.2 127.0.0.1 job", "stdout: unknown"]


async def test_nothing_that_the_platform_has_open_is_inheritable(make_executor: MakeExecutor) -> None:
    # uvloop closes nothing in what it spawns: there a job could answer at the door of another job.
    from_a_shell = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(from_a_shell, True)
    executor = make_executor()
    try:
        (namespace, *_) = await executor.networks.join(Network("net-kept"))
        inherited = [
            str(entry.readlink())
            for entry in Path("/proc/self/fd").iterdir()
            if int(entry.name) > 2 and entry.exists() and os.get_inheritable(int(entry.name))
        ]
        assert os.readlink(f"/proc/self/fd/{namespace}").startswith("net:")
    finally:
        os.close(from_a_shell)
        await executor.close()
    assert inherited == []


# What a user might write to have his value read as more than a value.
_SMUGGLED = "x\0--bind\0/\0/mnt\0--cap-add\0ALL"


@pytest.mark.parametrize(
    "more",
    [
        {"environment": {"A": _SMUGGLED}},
        {"environment": {"A\0--bind\0/\0/mnt": "x"}},
        {"environment": {"A=B": "x"}},
        {"environment": {"LD_PRELOAD": _SMUGGLED}},
        {"command": ("python", "/code/script.py", _SMUGGLED)},
        {"working_directory": f"/tmp/{_SMUGGLED}"},
        {"hostname": "algo-1\n127.0.0.9 platform"},
        {"network": Network("smuggled", {"algo-1\n127.0.0.9\tother": "127.0.0.1"})},
    ],
)
async def test_a_value_never_becomes_an_option(bench: Bench, more: dict[str, Any]) -> None:
    with pytest.raises(SandboxUnavailable, match="cannot be given to a process"):
        await bench.run("import os; print(os.listdir('/mnt'))", **more)
    # Nothing of it is left, and the next start is as ever.
    assert await bench.run("print('next')", name=None) == (ExitStatus(0), ["stdout: next"])


async def test_odd_values_arrive_as_they_are(bench: Bench) -> None:
    values = [
        "--bind",
        "-",
        "--",
        "=",
        "a=b",
        "two\nlines",
        "\ttab ",
        "\x1b[31m",
        "é\u2028☃\U0001f426",
        "'\"$(id)`",
        "",
    ]
    environment = {f"V{place}": value for place, value in enumerate(values)} | {"LC_ODD": "--setenv"}
    status, lines = await bench.run(
        "import json, os, sys\n"
        "seen = {k: v for k, v in os.environ.items() if k[0] == 'V' or k == 'LC_ODD'}\n"
        "print(json.dumps([sys.argv[1:], seen]))",
        *values,
        environment=environment,
    )
    assert status.code == 0, lines
    assert json.loads(lines[0].removeprefix("stdout: ")) == [values, environment]


async def test_a_program_whose_name_looks_like_an_option(bench: Bench) -> None:
    """prlimit stands before it, and env where a variable of the loader has to wait."""
    for name in ("--pid=1", "A=B"):
        spec = bench.spec("", command=(name, "word"), environment={"LD_BIND_NOW": "1"})
        sandbox = await bench.start(spec)
        status = await asyncio.wait_for(sandbox.wait(), 60)
        assert status.code in (126, 127), (name, bench.lines[spec.name])


async def test_what_is_in_no_namespace_is_refused(bench: Bench) -> None:
    """AF_VSOCK reaches the hypervisor whatever the network namespace; a program that probes goes on."""
    status, lines = await bench.run(
        _PRELUDE + "import errno, fcntl, multiprocessing, select, signal, termios, threading\n"
        "for family in range(46):\n"
        "    allowed = family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)\n"
        "    try: socket.socket(family, socket.SOCK_DGRAM).close(); made = True\n"
        "    except OSError as error:\n"
        "        made = False\n"
        "        assert allowed or error.errno == errno.EAFNOSUPPORT, (family, error)\n"
        "    assert made is allowed, family\n"
        "try: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132); print('SCTP')\n"
        "except OSError as error: assert error.errno == errno.EPROTONOSUPPORT\n"
        "master, slave = os.openpty()\n"
        "try: fcntl.ioctl(slave, termios.TIOCSTI, b'x'); print('TYPED')\n"
        "except PermissionError: pass\n"
        "on_x86 = os.uname().machine == 'x86_64'\n"
        "for number in (425, 321, 323, 298, 250, 310, 311, 438, 440, 304, 429, 442) if on_x86 else ():\n"
        "    assert refused(libc.syscall, number, 0, 0, 0, 0, 0, 0) == errno.EPERM, number\n"
        "assert libc.syscall(435, 0, 0) == -1 and ctypes.get_errno() == errno.ENOSYS\n"
        "assert libc.personality(0x40000) == -1 and libc.personality(0xffffffff) == 0\n"
        # What programs do all day.
        "assert os.waitstatus_to_exitcode(os.system('true | cat')) == 0\n"
        "thread = threading.Thread(target=print, args=('thread',)); thread.start(); thread.join()\n"
        "with multiprocessing.get_context('fork').Pool(1) as pool: print(pool.apply(os.getpid) > 0)\n"
        "select.epoll().close(); signal.set_wakeup_fd(-1); os.memfd_create('x'); os.pidfd_open(os.getpid())\n"
        "print(socket.getaddrinfo('localhost', 80)[0][0].name)\n"
    )
    assert status.code == 0, lines
    assert lines == ["stdout: thread", "stdout: True", "stdout: AF_INET"]


async def test_folders_above_what_is_shown_at_its_place_are_not_listed(bench: Bench) -> None:
    """An environment in a home must not tell whose: what is above it is walked through, not looked at."""
    place = Path("/var/lib/sagehen-test") if os.geteuid() == 0 else Path.home() / ".sagehen-test"
    (place / "wheels").mkdir(parents=True, exist_ok=True)
    (place / "wheels" / "a").write_text("found")
    try:
        status, lines = await bench.run(
            "import os, pathlib, sys\n"
            "path = pathlib.Path(sys.argv[1])\n"
            "print((path / 'a').read_text())\n"
            "for folder in path.parents[:1]:\n"
            "    for attempt in (os.listdir, lambda f: (f / 'new').mkdir(), lambda f: f.chmod(0o755)):\n"
            "        try: print(folder, attempt(folder))\n"
            "        except OSError: pass\n"
            "print(os.access('/home/job', os.W_OK), os.listdir('/code'))\n",
            str(place / "wheels"),
            mounts=(Mount(place / "wheels", str(place / "wheels")),),
        )
    finally:
        shutil.rmtree(place)
    assert status.code == 0, lines
    assert lines == ["stdout: found", "stdout: True ['script.py']"]


async def test_a_file_below_a_folder_of_the_system(bench: Bench) -> None:
    path = next((path for path in Path("/etc/ssl/certs").glob("*.crt") if path.is_file()), None)
    if path is None:
        pytest.skip("no certificates in /etc/ssl/certs")
    code = f"print(len(open({str(path)!r}).read()) > 0)"
    status, lines = await bench.run(code, mounts=(Mount(path, str(path)),))
    assert (status.code, lines) == (0, ["stdout: True"])
