"""KeyFinder: the key that a request means: by id, ARN, alias, or an alias's ARN."""

from __future__ import annotations

import re

from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.services.kms.errors import (
    DisabledException,
    InvalidKeyUsageException,
    KMSInvalidStateException,
    NotFoundException,
    no_such_alias,
    no_such_key,
)
from sagehen.services.kms.keys.key import DISABLED, PENDING_DELETION, PENDING_IMPORT, Key
from sagehen.services.kms.keys.records import KeyRecords

# Recorded: that `mrk-…` and ids without hyphens are none.
_KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class KeyFinder:
    """Finds keys as clients name them."""

    def __init__(self, records: KeyRecords) -> None:
        self._records = records

    def find(self, scope: Scope, identifier: str) -> Key:
        """Return the key that `identifier` stands for in a region; by its ARN it may be another account's.

        Raises:
            NotFoundException: In AWS's words for what was given.
        """
        account_id, name = scope.account_id, identifier
        if identifier.startswith("arn:"):
            try:
                arn = Arn.parse(identifier)
            except ValueError:
                raise NotFoundException(f"Invalid arn {identifier}") from None
            # Recorded for another region; for another service from memory.
            if arn.region != scope.region or arn.service != "kms":
                raise NotFoundException(f"Invalid arn {arn.region}")
            account_id, name = arn.account_id, arn.resource.removeprefix("key/")
        owner = Scope(account_id, scope.region)
        if name.startswith("alias/"):
            alias = self._records.alias(owner, name)
            if alias is None:
                raise no_such_alias(owner.arn("kms", name))
            name = alias.key_id
        elif not _KEY_ID.fullmatch(name):
            raise NotFoundException(f"Invalid keyId '{name}'")
        key = self._records.key(name)
        if key is None or key.scope != owner:
            raise no_such_key(owner.arn("kms", f"key/{name}"))
        return key

    def arn(self, scope: Scope, identifier: str) -> str:
        """Return the ARN to be authorized for `identifier`, whether or not there is such a key."""
        try:
            return self.find(scope, identifier).arn
        except NotFoundException:
            return identifier if identifier.startswith("arn:") else scope.arn("kms", f"key/{identifier}")

    def usable(self, scope: Scope, identifier: str, usage: str, operation: str) -> Key:
        """Return a key that may be used now, for this.

        Raises:
            NotFoundException, DisabledException, KMSInvalidStateException, InvalidKeyUsageException.
        """
        key = self.find(scope, identifier)
        require_enabled(key)
        # Recorded, in these words; so are those of a key that waits for its import.
        if key.usage != usage:
            raise InvalidKeyUsageException(
                f"{key.arn} key usage is {key.usage} which is not valid for {operation}."
            )
        return key


def require_enabled(key: Key) -> None:
    """Check that a key may be used.

    Raises:
        DisabledException, KMSInvalidStateException.
    """
    # From memory, as is the sentence of a key that is about to be deleted.
    if key.state == DISABLED:
        raise DisabledException(f"{key.arn} is disabled.")
    require_alive(key)
    if key.state == PENDING_IMPORT:
        raise KMSInvalidStateException(f"{key.arn} is pending import.")


def require_alive(key: Key) -> None:
    """Check that a key is not about to be deleted.

    Raises:
        KMSInvalidStateException.
    """
    if key.state == PENDING_DELETION:
        raise KMSInvalidStateException(f"{key.arn} is pending deletion.")
