"""Functions that try to get out, look around, outstay or use up: each fails, the platform serves on."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.scope import Scope
from sagehen.executors.base import CloseDoor
from sagehen.executors.probe import probe
from sagehen.executors.sandbox.executor import SandboxExecutor
from sagehen.executors.sandbox.settings import SandboxSettings
from sagehen.services.lambda_.execution.contract import FunctionVersion, Invocation, Outcome
from sagehen.services.lambda_.execution.environment import LocalEnvironment
from sagehen.services.lambda_.execution.local_environments import LocalEnvironments
from tests.waiting import sandboxes_have_ended

pytestmark = pytest.mark.sandbox

SCOPE = Scope("111122223333", "us-east-1")
SECRET = "the-neighbours-secret-key"
CANARY = "root-credentials-of-the-platform"


class Roles:
    async def assume_for_service(self, role_arn: str, service: str, name: str, **_: object) -> RoleSession:
        secret = SECRET if name == "neighbour" else f"own-secret-of-{name}"
        credentials = Credentials("ASIA" + name.upper().ljust(16, "X"), secret, "token")
        return RoleSession(
            credentials, Principal(PrincipalKind.ASSUMED_ROLE, f"arn:{name}", SCOPE.account_id)
        )


class Logs:
    """Counts the lines of each stream."""

    def __init__(self) -> None:
        self.lines: Counter[str] = Counter()

    def write(self, scope: Scope, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        self.lines[stream] += len(events)

    async def flush(self) -> None: ...


class House:
    """A platform's data folder, a neighbour that is running, and room for one hostile function."""

    def __init__(self, data: Path, environments: LocalEnvironments, logs: Logs) -> None:
        self.data = data
        self.logs = logs
        self.environments = environments
        self.neighbour: LocalEnvironment
        self._numbers = itertools.count()

    def function(self, name: str, source: str, **more: object) -> FunctionVersion:
        code = self.data / "functions" / name
        code.mkdir(parents=True)
        (code / "app.py").write_text(source)
        return FunctionVersion(
            scope=SCOPE,
            function_name=name,
            version="$LATEST",
            revision="1",
            arn=SCOPE.arn("lambda", f"function:{name}"),
            role_arn="arn:aws:iam::111122223333:role/any",
            runtime=f"python{'.'.join(map(str, sys.version_info[:2]))}",
            handler="app.handler",
            code_folder=code,
            **more,  # type: ignore[arg-type]
        )

    async def attack(self, source: str, payload: object = None, **more: object) -> Outcome:
        """Run a hostile handler in a new environment; afterwards the neighbour must still answer."""
        function = self.function(f"hostile-{next(self._numbers)}", source, **{"timeout_s": 20, **more})
        environment = await self.environments.start(function, "on-demand")
        outcome = await environment.invoke(
            Invocation("r-1", json.dumps(payload or {}).encode(), function.arn)
        )
        assert (await self.ask_neighbour()).payload == b'"at home"'
        await environment.shutdown()
        return outcome

    async def ask_neighbour(self) -> Outcome:
        return await self.neighbour.invoke(Invocation("r-2", b"{}", self.neighbour.function.arn))


async def _open_door(listener: socket.socket) -> CloseDoor:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, sock=listener)

    async def close() -> None:
        server.close()

    return close


@pytest.fixture(scope="module")
def machine() -> None:
    if not probe().sandboxes:
        pytest.skip("this machine refuses sandboxes")


@pytest.fixture(params=["forked", "spawned"])
async def house(machine: None, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "credentials.json").write_text(CANARY)
    (data / "credentials.json").chmod(0o600)
    clock = SystemClock()
    executor = SandboxExecutor(
        data / "runtime",
        clock=clock,
        platform_port=4566,
        open_door=_open_door,
        settings=SandboxSettings(warm=request.param == "forked"),
    )
    logs = Logs()
    environments = LocalEnvironments(
        executor=executor,
        folder=data / "lambda",
        roles=Roles(),  # type: ignore[arg-type]
        logs=logs,
        clock=clock,
        ids=Ids(),
        platform_port=4566,
        ca_file=None,
    )
    house = House(data, environments, logs)
    quiet = house.function("neighbour", "def handler(event, context): return 'at home'\n")
    house.neighbour = await environments.start(quiet, "on-demand")
    await house.ask_neighbour()
    yield house
    await environments.close()
    await executor.close()
    await sandboxes_have_ended()


@pytest.fixture
def host_port() -> Iterator[int]:
    """A server of somebody else's on the host's loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


_READ = """
import os
def handler(event, context):
    found = []
    for path in event['paths']:
        try:
            found.append([path, os.listdir(path)] if os.path.isdir(path) else [path, open(path).read()])
        except OSError:
            pass
    return found
"""


async def test_the_platforms_data_cannot_be_read(house: House) -> None:
    data = house.data
    paths = [
        data,
        data / "credentials.json",
        data / "functions/neighbour/app.py",
        data / "runtime",
        data.parent,
    ]
    reached = [f"/proc/1/root{data}/credentials.json", f"/proc/self/root{data}/credentials.json"]
    outcome = await house.attack(_READ, {"paths": [*map(str, paths), *reached]})
    assert outcome.payload == b"[]", outcome.payload
    others = ["/root/.ssh", "/home", "/etc/shadow", "/sys/fs/cgroup"]
    outcome = await house.attack(_READ, {"paths": others})
    assert outcome.payload == b"[]", outcome.payload


async def test_other_functions_processes_and_credentials_are_out_of_sight(house: House) -> None:
    outcome = await house.attack(
        "import glob, os\n"
        "def handler(event, context):\n"
        "    text = b''\n"
        "    for name in ('environ', 'cmdline', 'maps', 'mountinfo'):\n"
        "        for path in glob.glob('/proc/[0-9]*/' + name):\n"
        "            try: text += open(path, 'rb').read()\n"
        "            except OSError: pass\n"
        "    signalled = []\n"
        "    for pid in range(2, 70000):\n"
        "        if pid == os.getppid() or os.path.exists(f'/proc/self/task/{pid}'): continue\n"
        "        try: os.kill(pid, 0); signalled.append(pid)\n"
        "        except OSError: pass\n"
        "    return [text.decode('latin-1'), signalled, os.listdir('/var/task'), os.getuid()]\n"
    )
    text, signalled, task, uid = json.loads(outcome.payload)
    assert SECRET not in text and CANARY not in text and "neighbour" not in text
    assert signalled == []
    assert task == ["app.py"]
    assert uid != 0


async def test_its_own_code_and_the_system_cannot_be_changed(house: House) -> None:
    outcome = await house.attack(
        "import os\n"
        "def handler(event, context):\n"
        "    wrote = []\n"
        "    for path in ('/var/task/x', '/opt/x', '/usr/x', '/etc/x', '/x', '/dev/x', '/var/runtime/x',\n"
        "                 '/home/x', '/run/x', '/dev/shm/x', '/var/tmp/x', '/proc/sys/vm/x', '/tmp/x'):\n"
        "        try: open(path, 'w').write('x'); wrote.append(path)\n"
        "        except OSError: pass\n"
        "    for call in ('os.mkdir(\"/var/task/d\")', 'os.chmod(\"/var/task/app.py\", 0o777)',\n"
        "                 'os.setuid(0)', 'os.chroot(\"/tmp\")', 'os.mknod(\"/tmp/sda\", 0o60660, 0x800)'):\n"
        "        try: eval(call); wrote.append(call)\n"
        "        except OSError: pass\n"
        "    return wrote\n"
    )
    # Where the platform is no root, the function owns its /dev: a tmpfs of its own.
    wrote = [path for path in json.loads(outcome.payload) if not path.startswith("/dev/")]
    assert wrote == ["/tmp/x"]


async def test_the_hosts_ports_and_link_local_addresses_cannot_be_reached(
    house: House, host_port: int
) -> None:
    outcome = await house.attack(
        "import socket\n"
        "def handler(event, context):\n"
        "    reached = []\n"
        "    for target in event['targets']:\n"
        "        try: socket.create_connection(target, timeout=1).close(); reached.append(target)\n"
        "        except OSError: pass\n"
        "    return reached\n",
        {
            "targets": [
                ["127.0.0.1", host_port],
                ["localhost", host_port],
                ["169.254.169.254", 80],
                ["169.254.170.2", 80],
                ["8.8.8.8", 53],
                [socket.gethostbyname(socket.gethostname()), host_port],
                ["127.0.0.1", 4566],
            ]
        },
    )
    assert json.loads(outcome.payload) == [["127.0.0.1", 4566]], "only the platform's door"


_STAY = """
import os, signal, subprocess, time
def handler(event, context):
    for number in range(1, 32):
        try: signal.signal(number, signal.SIG_IGN)
        except OSError: pass
    subprocess.Popen(['sleep', '600'], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True: pass
        os._exit(0)
    while True: time.sleep(1)
"""


def _family_of_the_sleeper() -> list[psutil.Process]:
    """Return the init of the sandbox in which `sleep` runs, and every program that runs below it."""
    with contextlib.suppress(psutil.Error):
        for process in psutil.Process().children(recursive=True):
            if process.name() == "sleep" and (parent := psutil.Process(process.ppid()).parent()):
                everybody = [parent, *parent.children(recursive=True)]
                return [one for one in everybody if one.name().startswith(("sleep", "python"))]
    return []


async def test_a_timeout_cannot_be_outlived(house: House) -> None:
    attack = asyncio.create_task(house.attack(_STAY, timeout_s=2))
    family: list[psutil.Process] = []
    while len(family) < 3 and not attack.done():
        await asyncio.sleep(0.02)
        family = _family_of_the_sleeper()
    assert len(family) >= 3, "the handler, the sleeper and the one that spins"
    outcome = await attack
    assert outcome.timed_out
    assert json.loads(outcome.payload)["errorMessage"].endswith("Task timed out after 2.00 seconds")
    assert not psutil.wait_procs(family, timeout=30)[1]


async def test_a_fork_bomb_is_contained(house: House) -> None:
    outcome = await house.attack(
        "import os\n"
        "def handler(event, context):\n"
        "    while True:\n"
        "        try: os.fork()\n"
        "        except OSError: pass\n",
        timeout_s=2,
    )
    assert outcome.function_error == "Unhandled"
    async with asyncio.timeout(30):
        assert (await house.ask_neighbour()).payload == b'"at home"'


async def test_the_disk_cannot_be_filled(house: House) -> None:
    free = psutil.disk_usage(str(house.data)).free
    outcome = await house.attack(
        "def handler(event, context):\n"
        "    written = 0\n"
        "    try:\n"
        "        with open('/tmp/fill', 'wb') as file:\n"
        "            while written < 4096: file.write(bytes(1 << 20)); file.flush(); written += 1\n"
        "    except OSError as error: return [written, error.errno]\n"
    )
    assert json.loads(outcome.payload) == [512, 28]  # ENOSPC
    assert psutil.disk_usage(str(house.data)).free > free - (256 << 20)


async def test_memory_cannot_be_taken_from_others(house: House) -> None:
    outcome = await house.attack(
        "def handler(event, context):\n"
        "    keep = []\n"
        "    while True: keep.append(bytearray(b'x') * (8 << 20))\n"
    )
    document = json.loads(outcome.payload)
    assert document["errorType"] == "Runtime.ExitError"
    assert document["errorMessage"] == "RequestId: r-1 Error: Runtime exited with error: signal: killed"


async def test_the_runtime_api_gives_away_nothing_and_takes_no_false_answer(house: House) -> None:
    outcome = await house.attack(
        "import http.client, os, threading\n"
        "def ask(method, path, body=None):\n"
        "    c = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'], timeout=2)\n"
        "    c.request(method, path, body); return c.getresponse().status\n"
        "def handler(event, context):\n"
        "    base = '/2018-06-01/runtime/'\n"
        "    return [ask('POST', base + 'invocation/r-2/response', '\"forged\"'),\n"
        "            ask('POST', base + 'init/error', '{}'),\n"
        "            ask('GET', '/2020-01-01/extension/event/next'), ask('GET', '/etc/passwd')]\n"
    )
    assert json.loads(outcome.payload) == [400, 403, 403, 404]


async def test_an_endless_line_does_not_fill_the_platforms_memory(house: House) -> None:
    before = psutil.Process().memory_info().rss
    outcome = await house.attack(
        "import sys\n"
        "def handler(event, context):\n"
        "    for _ in range(60): sys.stdout.write('x' * (1 << 20))\n"
        "    return 'done'\n",
        memory_mib=512,
    )
    assert outcome.payload == b'"done"'
    assert len(outcome.log_tail) <= 4096
    assert psutil.Process().memory_info().rss - before < 600 << 20


async def test_a_flood_of_lines_does_not_hold_the_platform_up(house: House) -> None:
    function = house.function(
        "flood", "def handler(event, context):\n    while True: print('x')\n", timeout_s=120
    )
    environment = await house.environments.start(function, "on-demand")
    flood = asyncio.create_task(environment.invoke(Invocation("r-9", b"{}", function.arn)))
    async with asyncio.timeout(60):
        while house.logs.lines[environment.log_stream] < 1000:
            await asyncio.sleep(0.01)
    for _ in range(20):
        assert (await house.ask_neighbour()).payload == b'"at home"'
    assert not flood.done(), "20 answers took longer than the flood, which is cut off after 120 s"
    await environment.shutdown()
    assert (await flood).function_error == "Unhandled"


async def test_the_platforms_descriptors_cannot_be_used_up(house: House) -> None:
    before = psutil.Process().num_fds()
    outcome = await house.attack(
        "import os, socket, time\n"
        "def handler(event, context):\n"
        "    host, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')\n"
        "    keep = []\n"
        "    for _ in range(900):\n"
        "        try: keep.append(socket.create_connection((host, int(port)), timeout=1))\n"
        "        except OSError: pass\n"
        "    time.sleep(0.3)\n"
        "    return len(keep)\n"
    )
    assert json.loads(outcome.payload) > 100
    assert psutil.Process().num_fds() - before < 100
