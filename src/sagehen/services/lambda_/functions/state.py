"""LambdaState: what all of Lambda's resources share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.authorization import Authorizer
from sagehen.domain.ports.resource_policies import ResourceDocuments
from sagehen.domain.ports.roles import Roles
from sagehen.services.lambda_.code.downloads import Downloads
from sagehen.services.lambda_.code.packages import Packages
from sagehen.services.lambda_.code.store import shown_sha
from sagehen.services.lambda_.concurrency.counting import Limits
from sagehen.services.lambda_.concurrency.provisioning import Provisioning
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceConflictException,
    wrong_revision,
)
from sagehen.services.lambda_.execution.contract import Environments
from sagehen.services.lambda_.functions import configuration
from sagehen.services.lambda_.functions.aliases.records import AliasRecords
from sagehen.services.lambda_.functions.permissions.records import PolicyRecords
from sagehen.services.lambda_.functions.preparations import Preparations
from sagehen.services.lambda_.functions.records import Records
from sagehen.services.lambda_.functions.roles import FunctionRoles
from sagehen.services.lambda_.functions.rows import (
    VersionRecord,
    last_published,
    next_version,
    put_version,
    read_version,
    touch_version,
    update_version,
)
from sagehen.services.lambda_.functions.targets import Targets
from sagehen.services.lambda_.invocations.dispatch import Dispatch
from sagehen.services.lambda_.layers.choice import LayerChoice
from sagehen.services.lambda_.layers.records import LayerRecords
from sagehen.services.lambda_.names import LATEST, FunctionReference
from sagehen.services.lambda_.queue.records import EventRecords
from sagehen.store.database import Transaction

# Of a version that was published with a description of its own: the one that `$LATEST` had then.
_DESCRIBED = "DescriptionOfLatest"


@dataclass(frozen=True, slots=True)
class LambdaState:
    records: Records
    aliases: AliasRecords
    policies: PolicyRecords
    concurrency: ConcurrencyRecords
    events: EventRecords
    layer_records: LayerRecords
    layers: LayerChoice
    packages: Packages
    preparations: Preparations
    targets: Targets
    provisioning: Provisioning
    dispatch: Dispatch
    downloads: Downloads
    environments: Environments
    roles: Roles
    function_roles: FunctionRoles
    authorizer: Authorizer
    documents: ResourceDocuments
    limits: Limits
    clock: Clock
    ids: Ids

    def described(self, reference: FunctionReference) -> VersionRecord:
        """Return the version that a reference describes: an alias's main one.

        Raises:
            ResourceNotFoundException.
        """
        self.records.require_function(reference)
        return self.targets.versions(reference)[-1][0]

    def shown(self, record: VersionRecord, *, qualified: bool | None = None) -> dict[str, Any]:
        """Return a version as FunctionConfiguration, with the version of the runtime that runs it here.

        Args:
            qualified: Whether the ARN carries the version; by default for all but `$LATEST`.
        """
        answer = configuration.shown(record, qualified=qualified)
        arn = self.environments.runtime_version_arn(answer["Runtime"], record.reference.scope.region)
        return answer | {"RuntimeVersionConfig": {"RuntimeVersionArn": arn}} if arn else answer

    def first_version(self, latest: VersionRecord) -> VersionRecord:
        """Return version 1 of a function that is just being made; it is Pending as `$LATEST` is."""
        return self._version_of(latest, "1")

    def updated(self, record: VersionRecord, **changes: Any) -> VersionRecord:
        """Return `$LATEST` with changes that need a preparation and new environments."""
        return replace(
            record,
            revision_id=self.ids.uuid(),
            revision=self.ids.uuid(),
            modified_at=self.clock.now(),
            update_status="InProgress",
            reason="",
            **changes,
        )

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

        return await self.records.change_code(reference.scope, work)

    async def replace_code(
        self,
        reference: FunctionReference,
        change: Callable[[VersionRecord], VersionRecord],
        *,
        publish: bool,
    ) -> tuple[VersionRecord, VersionRecord | None]:
        """Replace `$LATEST` by what `change` makes of it, and make a version of that, where wanted.

        The version is Pending until its own preparation is over (recorded).
        """

        def work(tx: Transaction) -> tuple[VersionRecord, VersionRecord | None]:
            latest = update_version(tx, reference, LATEST, change)
            return latest, self._published(tx, replace(latest, state="Pending")) if publish else None

        return await self.records.change_code(reference.scope, work)

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
        touch_version(tx, latest.reference.qualified(LATEST), self.ids.uuid())
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
            revision_id=self.ids.uuid(),
            configuration=kept,
        )


class Resource:
    """Base of Lambda's resources: holds the shared state."""

    def __init__(self, state: LambdaState) -> None:
        self.state = state


def require_settled(record: VersionRecord, revision_id: str | None = None) -> None:
    """Refuse a change while another one is under way, or on an outdated RevisionId.

    Raises:
        ResourceConflictException, PreconditionFailedException.
    """
    if revision_id is not None and revision_id != record.revision_id:
        raise wrong_revision()
    reason = "The operation cannot be performed at this time. "
    if record.state == "Pending":
        raise ResourceConflictException(
            f"{reason}The function is currently in the following state: {record.state}"
        )
    if record.update_status == "InProgress":
        raise ResourceConflictException(
            f"{reason}An update is in progress for resource: {record.reference.unqualified_arn}"
        )


def require_sha(record: VersionRecord, code_sha: str | None) -> None:
    """Refuse to publish code other than what the caller has in mind.

    Raises:
        InvalidParameterValueException.
    """
    current = shown_sha(record.code_sha)
    if code_sha is not None and code_sha != current:
        raise InvalidParameterValueException(
            f"CodeSHA256 ({code_sha}) is different from current CodeSHA256 in $LATEST ({current}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )


def _same(published: VersionRecord, latest: VersionRecord) -> bool:
    """Whether a version is what `$LATEST` is, but for a description that it was published with."""

    def essence(record: VersionRecord) -> dict[str, Any]:
        kept = dict(record.configuration)
        return kept | {"Description": kept.pop(_DESCRIBED, kept["Description"])}

    return published.code_sha == latest.code_sha and essence(published) == essence(latest)
