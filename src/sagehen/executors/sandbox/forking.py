"""A plan as the request to a warm parent's child."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagehen.executors.base import OWN_USERS
from sagehen.executors.limits.group import LimitGroup
from sagehen.executors.limits.rlimits import inner_rlimits
from sagehen.executors.sandbox.plan import INNER_UID, Plan


def request_of(plan: Plan, base: Path, group: LimitGroup) -> dict[str, Any]:
    """Return the request by which a child of a warm parent becomes what `plan` says.

    Args:
        plan: What is decided.
        base: An empty folder, over which the child mounts its root.
        group: Tells which rlimits stand for limits.
    """
    image = plan.spec.image
    inner_uid = INNER_UID if not plan.spec.has_own_users else 0
    return {
        "arguments": plan.command[1:],
        # Of an image: what is executed, and as whom.
        "program": plan.command[0] if image is not None else "",
        "user": [] if image is None else [image.uid, image.gid, *image.groups],
        "environment": plan.environment,
        "working_directory": plan.spec.working_directory,
        "steps": [
            {
                "kind": step.kind,
                "target": step.target,
                "source": step.source,
                "size": step.size,
                "layers": list(step.layers),
            }
            for step in plan.steps
        ],
        "base": str(base.absolute()),
        "hostname": plan.hostname,
        "drop_to": plan.drop_to,
        "inner_uid": inner_uid if image is None else image.uid,
        "own_users": OWN_USERS if plan.spec.has_own_users and plan.drop_to is not None else 0,
        "is_root": plan.spec.root is not None
        or (image is not None and (image.uid == 0 or plan.drop_to is not None)),
        "rlimits": inner_rlimits(plan.spec, group),
        "seccomp": plan.seccomp.hex() if plan.seccomp else "",
        "hides_platform": plan.spec.packages is not None,
    }
