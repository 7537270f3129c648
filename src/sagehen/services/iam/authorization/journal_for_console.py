"""JournalForConsole: the port AccessJournal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.access_journal import RefusedAccess, UsedAction
from sagehen.services.iam.authorization.journal import Journal, Refused
from sagehen.services.iam.entities.entity import Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.evaluation.evaluator import PolicySource
from sagehen.services.iam.grammar.statements import Statement

_KINDS = {"user": Kind.USER, "role": Kind.ROLE}


class JournalForConsole:
    """The journal with what records say of its identities."""

    def __init__(self, journal: Journal, records: Records, clock: Clock) -> None:
        self._journal = journal
        self._records = records
        self._clock = clock

    @property
    def began(self) -> datetime:
        return self._journal.calls.began

    def refusals(self, account_id: str) -> Sequence[RefusedAccess]:
        """Return an account's refusals of the last hour, the latest first."""
        return [_told(refused) for refused in self._journal.refusals(account_id, self._clock.now())]

    def called(self, account_id: str, kind: str, name: str) -> Sequence[UsedAction] | None:
        """Return what a `user` or a `role` was let do; None where there is no such identity."""
        entity = self._records.find(account_id, _KINDS[kind], name)
        if entity is None:
            return None
        calls = self._journal.calls.of(entity.unique_id)
        return [
            UsedAction(action, found.times, found.last, found.resources.patterns())
            for action, found in sorted(calls.items())
        ]


def _told(refused: Refused) -> RefusedAccess:
    decision = refused.decision
    return RefusedAccess(
        principal=refused.principal,
        access=refused.access,
        message=refused.message,
        denied=decision.explicit,
        source=(decision.source or PolicySource.IDENTITY).value,
        statements=[written(matched.statement) for matched in decision.matched if matched.deny],
        first=refused.first,
        last=refused.last,
        times=refused.times,
    )


def written(statement: Statement) -> Mapping[str, Any]:
    """Return a statement as a document has it."""
    document: dict[str, Any] = {"Sid": statement.sid} if statement.sid else {}
    document["Effect"] = statement.effect
    if statement.principals is not None:
        by_type: dict[str, list[str]] = {}
        for kind, value in statement.principals:
            by_type.setdefault(kind, []).append(value)
        document["NotPrincipal" if statement.not_principal else "Principal"] = by_type
    document["NotAction" if statement.not_action else "Action"] = [*statement.actions]
    if statement.resources is not None:
        document["NotResource" if statement.not_resource else "Resource"] = [*statement.resources]
    conditions: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in statement.conditions:
        conditions.setdefault(operator, {})[key] = [*values]
    return document | ({"Condition": conditions} if conditions else {})
