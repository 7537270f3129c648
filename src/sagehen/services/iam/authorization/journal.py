"""What IAM refused of late, and what roles and users really called: in memory, since the platform began.

AWS tells the first by CloudTrail, minutes later, and the second by Access Analyzer, of a trail. Here the
evaluator itself notes both as it decides.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagehen.domain.access import Access
from sagehen.domain.identity import Principal
from sagehen.services.iam.evaluation.evaluator import Decision

REFUSALS_KEPT_FOR = timedelta(hours=1)
MOST_REFUSALS = 500
_MOST_IDENTITIES = 1000
# A role may be made to call anything; the actions that Sagehen knows are some 700.
_MOST_ACTIONS = 800
# Of a resource: keys of S3 have 1,024 bytes; anything may stand in a request.
_LONGEST_RESOURCE = 2048


@dataclass(slots=True)
class Refused:
    """One thing that one identity was refused, as often as it was.

    Args:
        principal: Who asked last.
        access: What.
        decision: Why not.
        message: As the client was told.
        first, last: When.
        times: How often.
    """

    principal: Principal
    access: Access
    decision: Decision
    message: str
    first: datetime
    last: datetime
    times: int = 1


@dataclass(slots=True)
class Calls:
    """How an identity used an action."""

    times: int
    last: datetime


class Journal:
    """Refusals of the last hour, and the actions that each user and role was let do.

    Args:
        began: Since when it notes.
    """

    def __init__(self, began: datetime) -> None:
        self.began = began
        self._refusals: OrderedDict[tuple[str, str, str], Refused] = OrderedDict()
        self._called: OrderedDict[str, dict[str, Calls]] = OrderedDict()

    def note_refusal(
        self, principal: Principal, access: Access, decision: Decision, message: str, now: datetime
    ) -> None:
        """Note what was refused; the same of the same identity is one entry."""
        resource = access.resource[:_LONGEST_RESOURCE]
        key = (identity_of(principal), access.action, resource)
        found = self._refusals.pop(key, None)
        if found is None:
            found = Refused(principal, access, decision, message, now, now)
            if len(self._refusals) >= MOST_REFUSALS:
                self._refusals.popitem(last=False)
        else:
            found.principal, found.access, found.decision = principal, access, decision
            found.message, found.last, found.times = message, now, found.times + 1
        self._refusals[key] = found

    def note_call(self, principal: Principal, action: str, now: datetime) -> None:
        """Note what a user or a role was let do; others have no policies to compare it with."""
        owner = principal.owner_id
        if not owner:
            return
        actions = self._called.get(owner)
        if actions is None:
            if len(self._called) >= _MOST_IDENTITIES:
                self._called.popitem(last=False)
            actions = self._called[owner] = {}
        calls = actions.get(action)
        if calls is not None:
            calls.times += 1
            calls.last = now
        elif len(actions) < _MOST_ACTIONS:
            actions[action] = Calls(1, now)

    def refusals(self, account_id: str, now: datetime) -> Iterator[Refused]:
        """Yield the refusals of an account's identities in the last hour, the latest first."""
        for refused in reversed(self._refusals.values()):
            if now - refused.last > REFUSALS_KEPT_FOR:
                break
            if refused.principal.account_id == account_id:
                yield refused

    def called(self, owner_id: str) -> dict[str, Calls]:
        """Return what a user or role was let do, by action."""
        return self._called.get(owner_id, {})

    def forget(self, now: datetime) -> None:
        """Begin again: the records were emptied."""
        self._refusals.clear()
        self._called.clear()
        self.began = now


def identity_of(principal: Principal) -> str:
    """Return the ARN of whose policies count: a role's, not that of one of its many sessions."""
    return principal.role_arn or principal.arn
