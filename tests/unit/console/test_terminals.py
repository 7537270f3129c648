"""Tickets, room, and what is carried between a page and a shell."""

from __future__ import annotations

import asyncio
import random

import pytest

from sagehen.console.terminals import terminals as module
from sagehen.console.terminals.carrying import Carrying
from sagehen.console.terminals.errors import BadRequest, InvalidTicket, TargetNotConnected
from sagehen.console.terminals.terminals import TICKET_LIFETIME_S, Terminals, Wanted
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.terminals import NoTerminal, TerminalHost
from sagehen.domain.scope import Scope

from .test_sessions import Time

SCOPE = Scope("123456789012", "eu-west-1")
ORIGIN = "http://127.0.0.1:4566"
INSTANCE = "i-0123456789abcdef0"


class Shell:
    """Says what it is told to, for ever where `floods`."""

    def __init__(self, floods: bool = False) -> None:
        self.floods = floods
        self.printed = 0
        self.typed = bytearray()
        self.sizes: list[tuple[int, int]] = []
        self.output: asyncio.Queue[bytes] = asyncio.Queue()
        self.code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.hung_up = 0

    async def read(self, most: int) -> bytes:
        if not self.floods:
            return await self.output.get()
        self.printed += most
        return b"y" * most

    async def write(self, content: bytes) -> None:
        self.typed += content
        if content == b"exit\r":
            self.output.put_nowait(b"logout\r\n")
            self.output.put_nowait(b"")
            self.code.set_result(0)

    async def resize(self, columns: int, rows: int) -> None:
        self.sizes.append((columns, rows))

    async def wait(self) -> int:
        return await self.code

    async def hang_up(self) -> None:
        self.hung_up += 1


class Machines:
    """One machine; its shells are kept."""

    def __init__(self, floods: bool = False) -> None:
        self.floods = floods
        self.shells: list[Shell] = []
        self.opened: list[tuple[str, str]] = []

    def find(self, scope: Scope, instance_id: str) -> TerminalHost | None:
        known = scope == SCOPE and instance_id == INSTANCE
        return TerminalHost(INSTANCE, "ubuntu", {"team": "birds"}) if known else None

    async def open(self, scope: Scope, instance_id: str, user: str, kind: str) -> Shell:
        if user == "nobody":
            raise NoTerminal("The machine has no user nobody.")
        self.opened.append((user, kind))
        self.shells.append(Shell(self.floods))
        return self.shells[-1]


class Page:
    """A page's end of the line."""

    def __init__(self, *said: bytes | str | None) -> None:
        self.said: asyncio.Queue[bytes | str | None] = asyncio.Queue()
        for message in said:
            self.said.put_nowait(message)
        self.got = bytearray()
        self.room: int | None = None

    async def receive(self) -> bytes | str | None:
        return await self.said.get()

    async def send(self, message: bytes) -> None:
        self.got += message
        await asyncio.sleep(0)


def make(machines: Machines | None = None, time: Time | None = None) -> Terminals:
    return Terminals(machines or Machines(), time or Time(), Ids(random.Random(7)))


def test_a_ticket_is_good_once_for_a_short_while_and_for_one_origin() -> None:
    time = Time()
    terminals = make(time=time)
    ticket, wanted = terminals.ticket(SCOPE, INSTANCE, "", ORIGIN)
    assert wanted == Wanted(SCOPE, INSTANCE, "ubuntu", ORIGIN)
    assert terminals.redeem(ticket, ORIGIN) == wanted
    other, _ = terminals.ticket(SCOPE, INSTANCE, "root", ORIGIN)
    late, _ = terminals.ticket(SCOPE, INSTANCE, "root", ORIGIN)
    with pytest.raises(InvalidTicket):
        terminals.redeem(other, "http://localhost:4566")
    time.seconds += TICKET_LIFETIME_S
    for text in (ticket, other, late, "", "x" * 43, "\ud800"):
        with pytest.raises(InvalidTicket):
            terminals.redeem(text, ORIGIN)


def test_there_are_only_so_many_tickets() -> None:
    terminals = make()
    first, _ = terminals.ticket(SCOPE, INSTANCE, "", ORIGIN)
    tickets = [terminals.ticket(SCOPE, INSTANCE, "", ORIGIN)[0] for _ in range(64)]
    with pytest.raises(InvalidTicket):
        terminals.redeem(first, ORIGIN)
    assert terminals.redeem(tickets[0], ORIGIN)


@pytest.mark.parametrize("user", ["Root", "-x", "a b", "../x", "a\x00", "x" * 33, "ö"])
def test_what_is_no_user(user: str) -> None:
    with pytest.raises(BadRequest):
        make().ticket(SCOPE, INSTANCE, user, ORIGIN)


def test_what_does_not_run() -> None:
    for scope, instance in ((SCOPE, "i-00000000000000000"), (Scope("210987654321", "eu-west-1"), INSTANCE)):
        with pytest.raises(TargetNotConnected, match="is not connected"):
            make().ticket(scope, instance, "", ORIGIN)


WANTED = Wanted(SCOPE, INSTANCE, "ubuntu", ORIGIN)


async def test_bytes_sizes_and_the_end() -> None:
    machines = Machines()
    page = Page('{"resize": [120, 40]}', b"ls\r", '{"shown": 0}', b"exit\r")
    assert await make(machines).serve(WANTED, page) == "The shell has ended."
    (shell,) = machines.shells
    assert machines.opened == [("ubuntu", "xterm-256color")]
    assert (bytes(shell.typed), shell.sizes, bytes(page.got)) == (b"ls\rexit\r", [(120, 40)], b"logout\r\n")
    assert shell.hung_up == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"resize": [1]}',
        '{"resize": ["1", 2]}',
        '{"resize": [1.5, 2]}',
        '{"resize": [1, 2], "shown": 3}',
        '{"shown": -1}',
        '{"shown": 1e400}',
        '{"else": 1}',
        '{"resize": [1, 2]}' + " " * 300,
        "[" * 300,
        "\x00",
    ],
)
async def test_what_is_no_message_ends_it(text: str) -> None:
    machines = Machines()
    assert await make(machines).serve(WANTED, Page(text)) == "The page sent what is no message of a terminal."
    assert machines.shells[0].hung_up == 1


async def test_why_it_ended() -> None:
    machines = Machines()
    terminals = make(machines)
    assert await terminals.serve(WANTED, Page(None)) == ""
    nobody = Wanted(SCOPE, INSTANCE, "nobody", ORIGIN)
    assert await terminals.serve(nobody, Page()) == "The machine has no user nobody."

    async def end(code: int | None) -> str:
        serving = asyncio.create_task(terminals.serve(WANTED, Page()))
        count = len(machines.shells)
        while len(machines.shells) == count:
            await asyncio.sleep(0)
        shell = machines.shells[-1]
        shell.output.put_nowait(b"")
        shell.code.set_exception(NoTerminal("gone")) if code is None else shell.code.set_result(code)
        return await serving

    assert await end(3) == "The shell has ended with exit code 3."
    assert await end(None) == "The machine has ended."
    idle = Terminals(machines, Time(), Ids(), idle_s=0.0)
    assert await idle.serve(WANTED, Page()) == "Nothing was typed or shown for 0 minutes."
    assert all(shell.hung_up == 1 for shell in machines.shells)


async def test_there_is_only_so_much_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_AT_ONE", 1)
    machines = Machines()
    terminals = make(machines)
    first = asyncio.create_task(terminals.serve(WANTED, Page()))
    while not machines.shells:
        await asyncio.sleep(0)
    assert "1 terminals of this machine" in await terminals.serve(WANTED, Page())
    monkeypatch.setattr(module, "_MOST_AT_ONE", 10)
    monkeypatch.setattr(module, "_MOST", 1)
    assert "1 terminals already" in await terminals.serve(WANTED, Page())
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert machines.shells[0].hung_up == 1
    assert await terminals.serve(WANTED, Page(None)) == ""


async def test_a_page_that_tells_what_it_has_shown_gets_no_more_than_it_shows() -> None:
    shell, page = Shell(floods=True), Page('{"shown": 0}')
    carrying = asyncio.create_task(Carrying(page, shell, 60).run())
    sent = -1
    while sent != len(page.got):  # nothing that another turn of the loop would change
        sent = len(page.got)
        for _ in range(100):
            await asyncio.sleep(0)
        assert sent < 2_000_000
    page.said.put_nowait(f'{{"shown": {sent}}}')
    while len(page.got) <= sent:
        await asyncio.sleep(0)
    page.said.put_nowait(b"\x03")
    page.said.put_nowait(None)
    assert await carrying == ""
    assert bytes(shell.typed) == b"\x03"
