"""A machine's agent, without a machine around it: what it runs, tells and ends."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from sagehen.executors.machines import commands
from sagehen.executors.machines.commands import Command, MachineGone
from sagehen.executors.machines.inside.agent import VARIABLE


async def eventually(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not what():
            await asyncio.sleep(0.01)


class Agent:
    """One that runs as an ordinary process."""

    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self.port = port
        self.process = process
        self.lines: list[str] = []
        self.forever = f"86400.{port}"  # seconds; nobody else sleeps for so long

    async def connect(self) -> socket.socket:
        made = socket.socket()
        made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", self.port))
        except OSError:
            made.close()
            raise
        return made

    async def run(
        self, *words: str, token: str = "right", deadline_s: float = 30, **more: object
    ) -> int | None:
        command = Command(words, **more)  # type: ignore[arg-type]
        return await commands.run(command, self.connect, token, self.lines.append, deadline_s)

    async def shell(self, text: str, **more: object) -> int | None:
        return await self.run("/bin/sh", "-c", text, **more)  # type: ignore[arg-type]

    def sleeping(self) -> list[psutil.Process]:
        return [
            one for one in psutil.process_iter(["cmdline"]) if self.forever in (one.info["cmdline"] or ())
        ]


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[Agent]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sagehen.executors.machines.inside.agent",
        env={VARIABLE: f"{port}:right", "TMPDIR": str(tmp_path)},  # scripts stay, as in a machine's own /tmp
    )  # fmt: skip
    made = Agent(port, process)

    async def answers() -> bool:
        try:
            (await made.connect()).close()
        except ConnectionRefusedError:
            return False
        return True

    async with asyncio.timeout(60):
        while not await answers():
            await asyncio.sleep(0.01)
    yield made
    if process.returncode is None:
        process.kill()
    await process.wait()


async def test_it_runs_what_it_is_told_and_tells_what_came_of_it(agent: Agent) -> None:
    assert await agent.shell("echo out; echo err >&2; pwd; echo $A; printf end; exit 3", directory="/usr",
                             environment={"A": "ä b"}) == 3  # fmt: skip
    assert agent.lines == ["out", "err", "/usr", "ä b", "end"]
    # Its own token is nobody's business.
    assert await agent.shell(f"test -z ${VARIABLE}") == 0
    assert await agent.shell("kill -9 $$") == 137
    assert await agent.run("/no/such/program") == 127
    assert "No such file" in agent.lines[-1]
    script = b"#!/bin/sh\necho script; exit 4\n"
    assert await agent.run(script=script, name="OnStart") == 4
    assert agent.lines[-1] == "script"


async def test_more_output_than_anybody_can_hold_arrives_whole(agent: Agent) -> None:
    # 1.5 MB: the agent holds one.
    assert await agent.shell('seq -f "%0150.0f" 1 10000; (sleep 0.2; echo late) & exit 5') == 5
    assert [len(agent.lines), int(agent.lines[0]), int(agent.lines[-1])] == [10000, 1, 10000]


async def test_a_deadline_ends_the_whole_group_and_an_ordinary_end_leaves_the_background_alone(
    agent: Agent,
) -> None:
    assert await agent.shell(f"sleep {agent.forever} & sleep {agent.forever}", deadline_s=0.3) is None
    await eventually(lambda: agent.sleeping() == [])
    assert await agent.shell(f"sleep {agent.forever} & exit 0") == 0
    await eventually(lambda: len(agent.sleeping()) == 1)  # the shell may leave before it is a sleep
    [left] = agent.sleeping()
    left.kill()


async def test_sigterm_reaches_what_runs_and_the_agent_waits_for_it(agent: Agent) -> None:
    running = asyncio.create_task(
        agent.shell("trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 0.02; done")
    )
    await eventually(lambda: agent.lines == ["up"])
    agent.process.terminate()
    assert await running == 9
    assert agent.lines[-1] == "bye"
    assert await agent.process.wait() == 0


async def test_what_it_cannot_read_is_told_and_harms_nobody_else(agent: Agent) -> None:
    good = '"token": "right", "environment": {}, "directory": "/", "preloaded": false'
    for words in (
        "no json", "{}", "[]", '{"token": 1}', '{"token": "right"}', '{"token": "\\ud800"}',
        f'{{{good}, "command": "x"}}', f'{{{good}, "command": ["\\u0000"]}}', f'{{{good}, "command": []}}',
        f'{{{good}, "command": ["/bin/true"], "script": "%", "name": "../../../x"}}',
    ):  # fmt: skip
        reader, writer = await asyncio.open_connection(sock=await agent.connect())
        writer.write(words.encode() + b"\n")
        async with asyncio.timeout(60):
            answer = await reader.readuntil(b"x\x00\x00\x00\x03127")
        writer.close()
        assert answer.startswith(b"o"), words
    assert await agent.run("/bin/true") == 0


async def test_who_connects_and_says_nothing_keeps_nobody_out(agent: Agent) -> None:
    crowd = [await agent.connect() for _ in range(400)]
    try:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(crowd[-1], b'{"token": "wrong"}\n')
        assert await agent.run("/bin/echo", "in time") == 0
        assert await loop.sock_recv(crowd[0], 1) == b""  # the first of them was given up
        for one in crowd[1:]:
            one.close()
        assert await agent.run("/bin/echo", "later") == 0
        await eventually(lambda: len(psutil.Process(agent.process.pid).net_connections()) < 5)
    finally:
        for one in crowd:
            one.close()


async def test_without_the_token_nothing_runs(agent: Agent) -> None:
    assert await agent.shell("echo ran", token="wrong") == 127
    assert agent.lines == ["PermissionError: not for you"]


async def test_one_that_is_gone_is_told_so(agent: Agent) -> None:
    running = asyncio.create_task(agent.shell("echo up; sleep 60"))
    await eventually(lambda: agent.lines == ["up"])
    agent.process.kill()
    with pytest.raises(MachineGone):
        await running
    with pytest.raises(MachineGone):
        await agent.run("/bin/true")


@pytest.mark.parametrize("answer", [b"o\xff\xff\xff\xff", b"x\x00\x00\x00\x01a", b"o\x00\x00"])
async def test_whoever_pretends_to_be_an_agent_gets_an_error_and_no_memory(answer: bytes) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.sendall(answer)
    theirs.shutdown(socket.SHUT_WR)

    async def connect() -> socket.socket:
        return ours

    with pytest.raises(MachineGone):
        await commands.run(Command(("x",)), connect, "t", lambda line: None, 20)
    theirs.close()


async def test_a_flood_of_lines_from_a_machine_leaves_others_their_turn() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    flood = b"\n" * 4000
    theirs.sendall(b"o" + struct.pack("!I", len(flood)) + flood + b"x\x00\x00\x00\x010")
    lines: list[str] = []

    async def connect() -> socket.socket:
        return ours

    running = asyncio.create_task(commands.run(Command(("x",)), connect, "t", lines.append, 20))
    most = seen = 0
    while not running.done():
        await asyncio.sleep(0)
        most, seen = max(most, len(lines) - seen), len(lines)
    assert (await running, len(lines)) == (0, 4000)
    assert most <= 500
    theirs.close()
