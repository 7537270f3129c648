"""StoredIdentities: whom an access key proves; the port Identities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sagehen.domain.identity import Credentials, Principal, PrincipalKind, SigningKey, root_principal
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.evaluation.session_limits import is_bound
from sagehen.services.iam.sessions.records import SessionRecords

# Keys of each sort; past them the memory simply starts again.
_REMEMBERED = 8192


class StoredIdentities:
    """Root keys from memory, user keys and sessions from the database, remembered after the first use."""

    def __init__(
        self,
        records: Records,
        sessions: SessionRecords,
        root_accounts: Mapping[str, Sequence[Credentials]],
    ) -> None:
        self._records = records
        self._stored_sessions = sessions
        self._roots = {
            credentials.access_key_id: SigningKey(
                credentials, root_principal(account_id, credentials.access_key_id)
            )
            for account_id, keys in root_accounts.items()
            for credentials in keys
        }
        self._users: dict[str, SigningKey] = {}
        self._sessions: dict[str, SigningKey] = {}
        self._generation = -1

    def signing_key(self, access_key_id: str) -> SigningKey | None:
        """Return a key; inactive and expired ones too, since the front door answers those differently."""
        root = self._roots.get(access_key_id)
        if root is not None:
            return root
        if self._generation != self._records.generation or len(self._users) >= _REMEMBERED:
            self._users.clear()
            self._sessions.clear()
            self._generation = self._records.generation
        if access_key_id.startswith("ASIA"):
            return self._session(access_key_id)
        key = self._users.get(access_key_id) or self._user_key(access_key_id)
        if key is not None:
            self._users[access_key_id] = key
        return key

    def forget(self) -> None:
        """Drop what is remembered: the records were emptied."""
        self._users.clear()
        self._sessions.clear()

    def forget_session(self, access_key_id: str) -> None:
        """Drop what is remembered of one session: it was ended."""
        self._sessions.pop(access_key_id, None)

    def _session(self, access_key_id: str) -> SigningKey | None:
        # A session never changes, but its user or role may be renamed or deleted.
        key = self._sessions.get(access_key_id)
        if key is None:
            key = self._stored_sessions.find(access_key_id)
            key = None if key is None else self._of_living(key)
            if key is not None:
                if len(self._sessions) >= _REMEMBERED:
                    self._sessions.clear()
                self._sessions[access_key_id] = key
        return key

    def _of_living(self, key: SigningKey) -> SigningKey | None:
        """Return a session's key as its user is called today; None where user or role is gone.

        AWS answers such a session as one whose token is unknown. A namesake is somebody else.
        """
        if not is_bound(key.principal):
            return key
        owner = self._records.by_id(key.principal.owner_id)
        if owner is None:
            return None
        principal = key.principal
        if principal.kind is PrincipalKind.USER:
            principal = replace(principal, arn=owner.arn, name=owner.name)
        return replace(key, principal=principal)

    def _user_key(self, access_key_id: str) -> SigningKey | None:
        row = self._records.database.one(
            "SELECT user_id, secret, active FROM iam_access_keys WHERE access_key_id = ?",
            (access_key_id,),
        )
        user = self._records.by_id(row["user_id"]) if row else None
        if row is None or user is None:
            return None
        principal = Principal(
            PrincipalKind.USER,
            arn=user.arn,
            account_id=user.account_id,
            user_id=user.unique_id,
            name=user.name,
            access_key_id=access_key_id,
        )
        return SigningKey(Credentials(access_key_id, row["secret"]), principal, bool(row["active"]))
