"""What IAM refused of late, in memory, and what roles and users really called.

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
from sagehen.services.iam.authorization.calls import LONGEST_RESOURCE, Calls
from sagehen.services.iam.evaluation.evaluator import Decision

REFUSALS_KEPT_FOR = timedelta(hours=1)
MOST_REFUSALS = 500


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


class Journal:
    """Refusals of the last hour, and what each user and role was let do.

    Args:
        began: Now.

    Attributes:
        calls: What was let through.
    """

    def __init__(self, began: datetime) -> None:
        self.calls = Calls(began)
        self._refusals: OrderedDict[tuple[str, str, str], Refused] = OrderedDict()

    def note_refusal(
        self, principal: Principal, access: Access, decision: Decision, message: str, now: datetime
    ) -> None:
        """Note what was refused; the same of the same identity is one entry."""
        resource = access.resource[:LONGEST_RESOURCE]
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

    def note_call(self, principal: Principal, access: Access, now: datetime) -> None:
        """Note what a user or a role was let do; others have no policies to compare it with."""
        if principal.owner_id:
            self.calls.note(principal.owner_id, access, now)

    def refusals(self, account_id: str, now: datetime) -> Iterator[Refused]:
        """Yield the refusals of an account's identities in the last hour, the latest first."""
        for refused in reversed(self._refusals.values()):
            if now - refused.last > REFUSALS_KEPT_FOR:
                break
            if refused.principal.account_id == account_id:
                yield refused

    def forget(self, now: datetime) -> None:
        """Begin again: the records were emptied."""
        self._refusals.clear()
        self.calls.forget(now)


def identity_of(principal: Principal) -> str:
    """Return the ARN of whose policies count: a role's, not that of one of its many sessions."""
    return principal.role_arn or principal.arn
