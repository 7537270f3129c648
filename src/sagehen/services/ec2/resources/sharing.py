"""Sharing: who besides its owner may use a resource: accounts, or `all` of them.

Kept in the member `sharedWith` of a row, which is absent where nobody else may.
"""

from __future__ import annotations

from collections.abc import Iterable

from sagehen.services.ec2.errors import Ec2Error, InvalidParameterCombination, InvalidParameterValue
from sagehen.services.ec2.resources.kinds import Kind
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View

ALL = "all"
# Ours; AWS has no number for accounts.
_MOST_ACCOUNTS = 1000


def usable(view: View, kind: Kind, identifier: str) -> Resource:
    """Return one's own resource of that id, or one that its owner shares.

    Raises:
        Ec2Error: `….NotFound`, `….Malformed`.
    """
    found = view.find(kind, identifier) or view.anywhere(kind, identifier)
    if found is None or not may_use(found, view.scope.account_id):
        kind.check(identifier)
        raise kind.not_found(identifier)
    return found


def may_use(resource: Resource, account_id: str) -> bool:
    """Tell whether an account may use a resource."""
    shared = resource.body.get("sharedWith") or ()
    return resource.scope.account_id == account_id or account_id in shared or ALL in shared


def all_usable(view: View, kind: Kind) -> list[Resource]:
    """Return one's own, and those that others share with this account or with all."""
    others = (item for item in view.shared(kind) if may_use(item, view.scope.account_id))
    return [*view.all(kind), *others]


def shown(body: Body) -> list[dict[str, str]]:
    """Return who may use it, as answers have it."""
    return [{"Group": name} if name == ALL else {"UserId": name} for name in body.get("sharedWith") or ()]


def changed(body: Body, request: Body, member: str, groups: str, accounts: str = "UserIds") -> None:
    """Let others use it, or no longer.

    Args:
        member: Of the request, with `Add` and `Remove`.
        groups, accounts: Members of the older form, which goes with `OperationType`.

    Raises:
        InvalidParameterValue, InvalidParameterCombination.
    """
    structure = request.get(member) or {}
    added = [_one(item) for item in structure.get("Add") or ()]
    removed = [_one(item) for item in structure.get("Remove") or ()]
    if (kind := request.get("OperationType")) is not None:
        if structure:
            raise InvalidParameterCombination(f"OperationType and {member} cannot be given together.")
        if kind not in ("add", "remove"):
            raise InvalidParameterValue(f"Value ({kind[:64]}) for parameter operationType is invalid.")
        older = [_account(item) for item in request.get(accounts) or ()]
        older += [_group(item) for item in request.get(groups) or ()]
        (added if kind == "add" else removed).extend(older)
    elif request.get(accounts) or request.get(groups):
        raise InvalidParameterCombination(f"{accounts} and {groups} go with OperationType.")
    if not added and not removed:
        raise InvalidParameterCombination("No attributes specified.")
    left = _without(dict.fromkeys((*(body.get("sharedWith") or ()), *added)), removed)
    if len(left) > _MOST_ACCOUNTS:
        raise Ec2Error("ResourceLimitExceeded", f"At most {_MOST_ACCOUNTS} accounts may be given permission.")
    body["sharedWith"] = left


def reset(body: Body) -> None:
    """Let nobody else use it."""
    body["sharedWith"] = []


def _without(names: Iterable[str], removed: list[str]) -> list[str]:
    return [name for name in names if name not in removed]


def _one(item: Body) -> str:
    account, group = item.get("UserId"), item.get("Group")
    if (account is None) == (group is None):
        raise InvalidParameterCombination("Each permission has a user id or a group.")
    return _account(account) if account is not None else _group(str(group))


def _account(text: str) -> str:
    digits = text.replace("-", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 12):
        raise InvalidParameterValue(f"Value ({text[:64]}) for parameter userId is invalid.")
    return digits


def _group(text: str) -> str:
    if text != ALL:
        raise InvalidParameterValue(f"Value ({text[:64]}) for parameter userGroup is invalid.")
    return ALL
