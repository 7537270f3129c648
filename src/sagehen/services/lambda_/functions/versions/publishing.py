"""Publishing: makes versions of `$LATEST`, with an update of its code or by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sagehen.domain.ids import Ids
from sagehen.services.lambda_.functions.changes import require_settled, require_sha
from sagehen.services.lambda_.functions.rows import (
    VersionRecord,
    last_published,
    next_version,
    put_version,
    read_version,
    touch_version,
    update_version,
)
from sagehen.services.lambda_.names import LATEST, FunctionReference
from sagehen.services.lambda_.storage.quota import CodeQuota
from sagehen.store.database import Transaction

# Of a version that was published with a description of its own: the one that `$LATEST` had then.
_DESCRIBED = "DescriptionOfLatest"


class Publishing:
    """Makes versions. A published one counts towards the account's code like `$LATEST` itself."""

    def __init__(self, quota: CodeQuota, ids: Ids) -> None:
        self._quota = quota
        self._ids = ids

    def first(self, latest: VersionRecord) -> VersionRecord:
        """Return version 1 of a function that is just being made; it is Pending as `$LATEST` is."""
        return self._version_of(latest, "1")

    async def publish(
        self,
        reference: FunctionReference,
        *,
        description: str | None = None,
        code_sha: str | None = None,
        revision_id: str | None = None,
    ) -> VersionRecord:
        """Make a version of `$LATEST`, or return the last one where nothing has changed since.

        Args:
            description: The version's own, or None for that of `$LATEST`.
            code_sha: CodeSha256 that `$LATEST` must have, as AWS shows it.
            revision_id: RevisionId that it must have.

        Raises:
            ResourceNotFoundException, ResourceConflictException, PreconditionFailedException,
            InvalidParameterValueException, CodeStorageExceededException.
        """

        def work(tx: Transaction) -> VersionRecord:
            latest = read_version(tx, reference, LATEST)
            require_settled(latest, revision_id)
            require_sha(latest, code_sha)
            return self._published(tx, replace(latest, state="Active"), description)

        return await self._quota.change(reference.scope, work)

    async def replace_code(
        self,
        reference: FunctionReference,
        change: Callable[[VersionRecord], VersionRecord],
        *,
        publish: bool,
    ) -> tuple[VersionRecord, VersionRecord | None]:
        """Replace `$LATEST` by what `change` makes of it, and make a version of that, where wanted.

        The version is Pending until its own preparation is over (recorded).

        Raises:
            ResourceNotFoundException, CodeStorageExceededException, and what `change` raises.
        """

        def work(tx: Transaction) -> tuple[VersionRecord, VersionRecord | None]:
            latest = update_version(tx, reference, LATEST, change)
            return latest, self._published(tx, replace(latest, state="Pending")) if publish else None

        return await self._quota.change(reference.scope, work)

    def _published(
        self, tx: Transaction, latest: VersionRecord, description: str | None = None
    ) -> VersionRecord:
        """Store a version of `latest`, or return the last one where nothing has changed since."""
        last = last_published(tx, latest.reference)
        if last is not None and _same(last, latest):
            return last
        published = self._version_of(latest, next_version(tx, latest.reference), description)
        put_version(tx, published)
        # Recorded: `$LATEST` has another RevisionId then.
        touch_version(tx, latest.reference.qualified(LATEST), self._ids.uuid())
        return published

    def _version_of(
        self, latest: VersionRecord, number: str, description: str | None = None
    ) -> VersionRecord:
        kept = dict(latest.configuration)
        if description is not None:
            kept |= {"Description": description, _DESCRIBED: kept["Description"]}
        return replace(
            latest,
            reference=latest.reference.qualified(number),
            revision_id=self._ids.uuid(),
            configuration=kept,
        )


def _same(published: VersionRecord, latest: VersionRecord) -> bool:
    """Whether a version is what `$LATEST` is, but for a description that it was published with."""

    def essence(record: VersionRecord) -> dict[str, Any]:
        kept = dict(record.configuration)
        return kept | {"Description": kept.pop(_DESCRIBED, kept["Description"])}

    return published.code_sha == latest.code_sha and essence(published) == essence(latest)
