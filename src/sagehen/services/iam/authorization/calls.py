"""Calls: what roles and users were let do, and on what; kept in memory, stored now and then.

A row for each call would be a write for each request. AWS itself tells the last use of a service or of an
action hours later (GenerateServiceLastAccessedDetails), and never of which resource.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from sagehen.domain.access import Access
from sagehen.services.iam.authorization.used_resources import MOST, UsedResources, total
from sagehen.store.database import Database, Transaction

_MOST_IDENTITIES = 1000
# A role may be made to call anything; the actions that Sagehen knows are some 700.
_MOST_ACTIONS = 800
# Of all actions of an identity; past it each new action remembers one pattern.
_MOST_RESOURCES = 2000
# Of a resource: keys of S3 have 1,024 bytes; anything may stand in a request.
LONGEST_RESOURCE = 2048
_BEGAN = "began"


@dataclass(slots=True)
class Call:
    """How an identity used an action."""

    times: int
    last: datetime
    resources: UsedResources = field(default_factory=UsedResources)


@dataclass(slots=True)
class _Identity:
    actions: dict[str, Call] = field(default_factory=dict)
    resources: int = 0


class Calls:
    """By the unique id of a user or a role, and by action.

    Args:
        began: Since when it notes, where nothing is stored.
    """

    def __init__(self, began: datetime) -> None:
        self.began = began
        self._identities: OrderedDict[str, _Identity] = OrderedDict()
        self._unstored: set[str] = set()

    def note(self, owner: str, access: Access, now: datetime) -> None:
        """Note that something was let through."""
        identity = self._identities.get(owner)
        if identity is None:
            if len(self._identities) >= _MOST_IDENTITIES:
                self._identities.popitem(last=False)
            identity = self._identities[owner] = _Identity()
        self._unstored.add(owner)
        call = identity.actions.get(access.action)
        if call is None:
            if len(identity.actions) >= _MOST_ACTIONS:
                return
            call = identity.actions[access.action] = Call(0, now)
        call.times += 1
        call.last = now
        most = MOST if identity.resources < _MOST_RESOURCES else 1
        if call.resources.note(access.resource[:LONGEST_RESOURCE], most):
            identity.resources = total(one.resources for one in identity.actions.values())

    def of(self, owner: str) -> dict[str, Call]:
        """Return what a user or role was let do, by action."""
        identity = self._identities.get(owner)
        return identity.actions if identity else {}

    def forget(self, now: datetime) -> None:
        """Begin again: the records were emptied."""
        self._identities.clear()
        self._unstored.clear()
        self.began = now

    async def store(self, database: Database) -> None:
        """Write down what changed, and forget on the disk who is no more."""
        if not self._unstored:
            return
        owners, self._unstored = self._unstored, set()
        try:
            rows = []
            for owner in owners:
                if (identity := self._identities.get(owner)) is not None:
                    rows.append((owner, _written(identity)))
                await asyncio.sleep(0)  # a row may be megabytes
            rows.append((_BEGAN, json.dumps(self.began.timestamp())))
            await database.write(partial(_stored, rows))
        except BaseException:  # a full disk: they are written the next time
            self._unstored |= owners
            raise

    def load(self, database: Database) -> None:
        """Read what earlier lives of the platform noted, beside what this one has."""
        for row in database.each("SELECT owner_id, body FROM iam_calls"):
            if row["owner_id"] == _BEGAN:
                self.began = datetime.fromtimestamp(json.loads(row["body"]), UTC)
            elif row["owner_id"] not in self._identities and len(self._identities) < _MOST_IDENTITIES:
                self._identities[row["owner_id"]] = _read(row["body"])


def _stored(rows: Sequence[tuple[str, str]], tx: Transaction) -> None:
    tx.executemany("INSERT OR REPLACE INTO iam_calls VALUES (?, ?)", rows)
    tx.execute(
        "DELETE FROM iam_calls WHERE owner_id <> ? AND owner_id NOT IN (SELECT unique_id FROM iam_entities)",
        (_BEGAN,),
    )


def _written(identity: _Identity) -> str:
    body = {
        action: [call.times, call.last.timestamp(), [*call.resources.exact], [*call.resources.starts]]
        for action, call in identity.actions.items()
    }
    return json.dumps(body)  # in ASCII: a request's resource may be no text at all


def _read(body: str) -> _Identity:
    actions = {
        action: Call(times, datetime.fromtimestamp(last, UTC), UsedResources(set(exact), set(starts)))
        for action, (times, last, exact, starts) in json.loads(body).items()
    }
    return _Identity(actions, total(call.resources for call in actions.values()))
