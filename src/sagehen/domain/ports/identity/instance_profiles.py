"""Instance profiles: how a machine comes to a role. Between EC2 and IAM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class InstanceProfile:
    """One profile.

    Args:
        id: Such as `AIPA…`.
        role_name, role_arn: Of the role that is in it; '' where none is.
    """

    name: str
    arn: str
    id: str
    role_name: str
    role_arn: str


class InstanceProfiles(Protocol):
    """The profiles of every account."""

    def find(self, account_id: str, name: str) -> InstanceProfile | None:
        """Return the profile of that name, whatever its case, as it is now; None where there is none."""
        ...
