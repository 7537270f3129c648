"""What a role or user really called, and what its policies allow besides."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from sagehen.api.errors import ServiceError, ValidationException
from sagehen.console.documents.asking import Ask, Seen
from sagehen.console.documents.times import iso
from sagehen.domain.ports.identity.access_journal import AccessJournal, UsedAction

# Of one identity's policies; AWS attaches 20 at most, and the size of all inline ones is bounded.
_MOST_POLICIES = 50


class NoSuchEntity(ServiceError):
    """There is no role or user of that name."""

    status = 404


class Called:
    """Makes the document.

    Args:
        journal: What was called.
    """

    def __init__(self, journal: AccessJournal) -> None:
        self._journal = journal

    async def __call__(self, ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what `?role=NAME` or `?user=NAME` was let do since there are notes of it.

        Raises:
            ValidationException: Neither is named.
            NoSuchEntity
        """
        kind = "role" if query.get("role") else "user"
        name = query.get(kind)
        if not name:
            raise ValidationException("Name a role or a user: ?role=NAME")
        used = self._journal.called(ask.scope.account_id, kind, name)
        if used is None:
            raise NoSuchEntity(f"The {kind} with name {name} cannot be found.")
        seen = Seen(ask)
        policies = await policies_of(seen, kind.title(), name)
        return {
            "kind": kind,
            "name": name,
            "since": iso(self._journal.began),
            "now": iso(ask.now),
            "called": [
                {
                    "action": one.action,
                    "times": one.times,
                    "last": iso(one.last),
                    "resources": [*one.resources],
                }
                for one in used
            ],
            "allowed": [allowed for policy, text in policies for allowed in compared(policy, text, used)],
            **seen.lacks(),
        }


async def policies_of(seen: Seen, kind: str, name: str) -> list[tuple[str, str]]:
    """Return names and documents of the policies of a `Role` or `User`; not those of a user's groups."""
    who = {f"{kind}Name": name}
    found = []
    names = await seen.all("iam", f"List{kind}Policies", "PolicyNames", mark="Marker", **who)
    for policy in names[:_MOST_POLICIES]:
        answer = await seen.one("iam", f"Get{kind}Policy", PolicyName=policy, **who)
        found.append((policy, str(answer.get("PolicyDocument", ""))))
    listed = await seen.all("iam", f"ListAttached{kind}Policies", "AttachedPolicies", mark="Marker", **who)
    for attached in listed[:_MOST_POLICIES]:
        arn = attached["PolicyArn"]
        policy = (await seen.one("iam", "GetPolicy", PolicyArn=arn)).get("Policy") or {}
        version = policy.get("DefaultVersionId")
        if version:
            answer = await seen.one("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)
            document = (answer.get("PolicyVersion") or {}).get("Document", "")
            found.append((attached["PolicyName"], str(document)))
    return found


def compared(policy: str, text: str, used: Sequence[UsedAction]) -> list[Mapping[str, Any]]:
    """Return the actions that a policy's Allow statements name, each with how often it was made use of.

    Args:
        policy: Its name.
        text: The document, percent-encoded or not, as IAM answers it.
        used: What was called.
    """
    try:
        statements = json.loads(text if text.lstrip().startswith("{") else unquote(text))["Statement"]
    except (ValueError, KeyError, TypeError):
        return []
    rows: list[Mapping[str, Any]] = []
    for place, statement in enumerate(statements if isinstance(statements, list) else [statements]):
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        actions = statement.get("Action", [])
        for action in actions if isinstance(actions, list) else [actions]:
            times = sum(one.times for one in used if covers(action, one.action))
            rows.append({"policy": policy, "statement": place, "action": action, "times": times})
    return rows


def covers(pattern: str, action: str) -> bool:
    """Tell whether an action is one that a policy's Action names: `*` and `?`, without case."""
    return fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))
