"""Which condition keys an action has: what AWS does not give to an action, policies must not see.

Several actions are asked for in one request (PutObject with tags), or by one rule, and keys of one are
not keys of the other. STS is left alone: its actions of one call share their context, and trust
policies count on that.

Source: `condition_keys.txt`, from AWS's service authorization reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sagehen.domain.access import Access, ConditionValue

_ENCRYPTION_CONTEXT = "kms:encryptioncontext:"
# Services whose rules offer more keys than each of their actions has.
_NARROWED = ("s3:", "sagemaker:", "iam:", "ec2:", "ssm:", "cloudformation:")


@cache
def action_keys() -> Mapping[str, frozenset[str]]:
    """Return action -> its keys in lower case, one with a name of its own as `aws:requesttag/`."""
    lines = Path(__file__).with_name("condition_keys.txt").read_text().splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return {action: frozenset(keys) for action, *keys in rows}


def kind_of(key: str) -> str:
    """Return `aws:requesttag/` for `aws:RequestTag/team`, and other keys in lower case."""
    head, slash, _ = key.partition("/")
    kind = f"{head}{slash}".lower()
    # The one key that has its own name behind a colon.
    return _ENCRYPTION_CONTEXT if kind.startswith(_ENCRYPTION_CONTEXT) else kind


def conditions_of(access: Access) -> Mapping[str, ConditionValue]:
    """Return the keys of an access that its action has."""
    if not access.conditions or not access.action.startswith(_NARROWED):
        return access.conditions
    known = action_keys().get(access.action)
    if known is None:
        return access.conditions
    return {key: value for key, value in access.conditions.items() if kind_of(key) in known}


def resource_tag_keys(action: str, service: str) -> tuple[str, ...]:
    """Return under which keys an action has its resource's tags: `aws:ResourceTag`, `iam:ResourceTag`."""
    known = action_keys().get(action, frozenset())
    return tuple(f"{name}:ResourceTag" for name in ("aws", service) if f"{name}:resourcetag/" in known)
