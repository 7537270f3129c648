"""When keys and roles were last used: kept in memory, stored now and then.

A date per request would be a write per request; AWS itself reports these hours late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.iam.entities.records import Records
from sagehen.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Use:
    """One use: when (aware), of which service (`s3`), in which region."""

    at: datetime
    service: str
    region: str


class LastUsed:
    """Uses since the last `store`, by access key id and by role id; what is stored stays readable here."""

    def __init__(self) -> None:
        self.keys: dict[str, Use] = {}
        self.roles: dict[str, Use] = {}
        self._dirty = False

    def note(self, principal: Principal, use: Use) -> None:
        """Remember the latest use of a user's key or of a role; root and services have no such date."""
        if principal.kind is PrincipalKind.USER and principal.access_key_id:
            self.keys[principal.access_key_id] = use
            self._dirty = True
        elif principal.kind is PrincipalKind.ASSUMED_ROLE:
            self.roles[principal.user_id.partition(":")[0]] = use
            self._dirty = True

    def forget(self) -> None:
        """Drop what is not stored yet: the records were emptied."""
        self.keys.clear()
        self.roles.clear()
        self._dirty = False

    async def store(self, records: Records) -> None:
        """Write the dates down, without disturbing the policy caches: no decision depends on them."""
        if not self._dirty:
            return
        self._dirty = False
        keys, roles = list(self.keys.items()), list(self.roles.items())

        def change(tx: Transaction) -> None:
            tx.executemany(
                "UPDATE iam_access_keys SET last_used_at = ?, last_used_service = ?, last_used_region = ?"
                " WHERE access_key_id = ?",
                [(use.at.timestamp(), use.service, use.region, key) for key, use in keys],
            )
            tx.executemany(
                "UPDATE iam_entities SET last_used_at = ?, last_used_region = ? WHERE unique_id = ?",
                [(use.at.timestamp(), use.region, role) for role, use in roles],
            )

        await records.database.write(change)
        # Only what did not change meanwhile may go: the rest is stored next time.
        for key, use in keys:
            if self.keys.get(key) is use:
                del self.keys[key]
        for role, use in roles:
            if self.roles.get(role) is use:
                del self.roles[role]
