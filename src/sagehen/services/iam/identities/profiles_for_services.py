"""ProfilesForServices: domain.ports.identity.instance_profiles.InstanceProfiles."""

from __future__ import annotations

from sagehen.domain.ports.identity.instance_profiles import InstanceProfile
from sagehen.services.iam.entities.entity import Kind
from sagehen.services.iam.entities.records import Records


class ProfilesForServices:
    """Instance profiles with their roles.

    Args:
        records: Where they are.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def find(self, account_id: str, name: str) -> InstanceProfile | None:
        """Return the profile of that name, whatever its case, as it is now; None where there is none."""
        profile = self._records.find(account_id, Kind.INSTANCE_PROFILE, name)
        if profile is None:
            return None
        role = next(iter(self._records.members(profile)), None)
        return InstanceProfile(
            profile.name,
            profile.arn,
            profile.unique_id,
            role.name if role else "",
            role.arn if role else "",
        )
