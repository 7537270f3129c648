"""Terminals: who holds a ticket gets one, while there is room."""

from __future__ import annotations

import logging
import re
from collections import Counter
from dataclasses import dataclass

from sagehen.console.one_time import OneTime
from sagehen.console.terminals.carrying import Carrying, Line
from sagehen.console.terminals.errors import BadRequest, InvalidTicket, TargetNotConnected
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute import terminals as ports
from sagehen.domain.scope import Scope

logger = logging.getLogger("sagehen.console")

# In seconds: a page asks for a ticket and uses it at once.
TICKET_LIFETIME_S = 30
_MOST_OUTSTANDING = 64
# As many as MaxSessions of sshd_config(5).
_MOST_AT_ONE = 10
_MOST = 64
# As Session Manager, unless an account chose otherwise (documented: Systems Manager User Guide, "Specify an
# idle session timeout value").
IDLE_S = 20 * 60
_KIND = "xterm-256color"
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a ticket is good for.

    Args:
        scope: Of the instance.
        instance_id: Which.
        user: Whose shell.
        origin: Of the page that may use it.
    """

    scope: Scope
    instance_id: str
    user: str
    origin: str


class Terminals:
    """All terminals of all pages.

    Args:
        machines: Where shells run.
        machine_clock: The machine's.
        ids: Draws tickets.
        idle_s: How long neither side may say anything.
    """

    def __init__(
        self, machines: ports.Terminals, machine_clock: Clock, ids: Ids, *, idle_s: float = IDLE_S
    ) -> None:
        self._machines = machines
        self._clock = machine_clock
        self._idle_s = idle_s
        self._tickets: OneTime[Wanted] = OneTime(ids, lifetime_s=TICKET_LIFETIME_S, most=_MOST_OUTSTANDING)
        self._open: Counter[tuple[Scope, str]] = Counter()

    def find(self, scope: Scope, instance_id: str) -> ports.TerminalHost | None:
        """Return a machine that runs."""
        return self._machines.find(scope, instance_id)

    def ticket(self, scope: Scope, instance_id: str, user: str, origin: str) -> tuple[str, Wanted]:
        """Return a ticket, and what it is good for.

        Args:
            user: '' is the one whom people log in as.

        Raises:
            BadRequest: No user has such a name.
            TargetNotConnected
        """
        host = self._machines.find(scope, instance_id)
        if host is None:
            raise TargetNotConnected(f"{instance_id} is not connected.")
        user = user or host.default_user
        if not _USER.fullmatch(user):
            raise BadRequest("User is the name of a user of the machine.")
        wanted = Wanted(scope, host.instance_id, user, origin)
        return self._tickets.issue(wanted, self._clock.monotonic()), wanted

    def redeem(self, ticket: str, origin: str) -> Wanted:
        """Return what a ticket is good for, once.

        Raises:
            InvalidTicket
        """
        wanted = self._tickets.take(ticket, self._clock.monotonic())
        if wanted is None or wanted.origin != origin:
            raise InvalidTicket("This ticket was used, is too old, or is none of this page's.")
        return wanted

    async def serve(self, wanted: Wanted, line: Line) -> str:
        """Be a terminal until it ends; return why, for a person. Nothing of it runs afterwards."""
        place = (wanted.scope, wanted.instance_id)
        if self._open[place] >= _MOST_AT_ONE:
            return f"There are {_MOST_AT_ONE} terminals of this machine already."
        if self._open.total() >= _MOST:
            return f"There are {_MOST} terminals already."
        self._open[place] += 1
        try:
            return await self._carry(wanted, line)
        finally:
            self._open[place] -= 1
            if not self._open[place]:
                del self._open[place]

    async def _carry(self, wanted: Wanted, line: Line) -> str:
        try:
            terminal = await self._machines.open(wanted.scope, wanted.instance_id, wanted.user, _KIND)
        except ports.NoTerminal as error:
            return str(error)
        try:
            return await Carrying(line, terminal, self._idle_s).run()
        finally:
            await terminal.hang_up()
