"""Whether a role may do something. Between the console's documents and IAM."""

from __future__ import annotations

from typing import Protocol

from sagehen.domain.access import Access


class RoleRights(Protocol):
    """What sessions of roles are let do, without a trace of the question."""

    def may(self, role_arn: str, access: Access) -> bool | None:
        """Tell whether a session of a role may do something, by all policies that have a say.

        A policy that asks for more than role, action and resource (an address, a time) is asked without that.
        None where there is no such role.
        """
        ...
