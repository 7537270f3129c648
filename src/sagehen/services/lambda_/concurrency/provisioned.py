"""Provisioned concurrency of versions and aliases."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.api.pagination import paginate
from sagehen.concurrency.limits import Limits
from sagehen.domain.clock import Clock
from sagehen.services.lambda_.concurrency.provisioning import Provisioning
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords, ProvisionedConfig
from sagehen.services.lambda_.concurrency.room import check_provision
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    ProvisionedConcurrencyConfigNotFoundException,
    ResourceConflictException,
    alias_not_found,
)
from sagehen.services.lambda_.functions.aliases.records import AliasRecords
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.names import LATEST, FunctionReference, is_version, on_function, reference_of
from sagehen.services.lambda_.shown import shown_time

# Documented: botocore's model, MaxItems is 50 at the most.
_PAGE = 50
# Both recorded: Put says one of `$LATEST`, the other operations the other.
_NEITHER = "The function resource provided must be an alias or a published version."
_UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."


class ProvisionedConcurrency:
    """PutProvisionedConcurrencyConfig, GetProvisionedConcurrencyConfig,
    ListProvisionedConcurrencyConfigs, DeleteProvisionedConcurrencyConfig."""

    def __init__(
        self,
        *,
        concurrency: ConcurrencyRecords,
        provisioning: Provisioning,
        records: FunctionRecords,
        aliases: AliasRecords,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._concurrency = concurrency
        self._provisioning = provisioning
        self._records = records
        self._aliases = aliases
        self._limits = limits
        self._clock = clock

    @operation("PutProvisionedConcurrencyConfig", access=on_function())
    async def put_provisioned_concurrency_config(self, context: RequestContext, request: Request) -> Request:
        """Ask for environments that wait, initialized; they are there once the status is READY.

        Raises:
            ResourceNotFoundException, ResourceConflictException, InvalidParameterValueException.
        """
        reference = self._published(context, request, _UNPUBLISHED)
        return self._shown(await self.put(reference, request["ProvisionedConcurrentExecutions"]))

    async def put(self, reference: FunctionReference, wanted: int) -> ProvisionedConfig:
        """Store a configuration of a version or alias, and begin to make it so.

        Raises:
            ResourceConflictException, InvalidParameterValueException.
        """
        self._check_place(reference)
        present = self._concurrency.provisioned(reference)
        shares = self._concurrency.shares(reference.scope)
        check_provision(shares, self._limits, reference.name, present.requested if present else 0, wanted)
        config = ProvisionedConfig(reference, wanted, self._clock.now())
        await self._concurrency.put_provisioned(config)
        self._provisioning.reconcile(reference)
        return config

    async def delete(self, reference: FunctionReference) -> None:
        """Delete a configuration; its environments end."""
        await self._concurrency.delete_provisioned(reference)
        self._provisioning.reconcile(reference)

    @operation("GetProvisionedConcurrencyConfig", access=on_function())
    async def get_provisioned_concurrency_config(self, context: RequestContext, request: Request) -> Request:
        """Tell what is wanted and what is there; FAILED is told until all of it is."""
        config = self._concurrency.provisioned(self._published(context, request))
        if config is None:
            raise ProvisionedConcurrencyConfigNotFoundException()
        return self._shown(config)

    @operation("ListProvisionedConcurrencyConfigs", access=on_function())
    async def list_provisioned_concurrency_configs(
        self, context: RequestContext, request: Request
    ) -> Request:
        """List those of a function's versions and aliases, by qualifier."""
        reference = reference_of(context, request).qualified("")
        self._records.require_function(reference)
        page = paginate(
            self._concurrency.provisioned_of(reference),
            key=lambda config: config.reference.qualifier,
            token=request.get("Marker"),
            limit=request.get("MaxItems") or _PAGE,
            listing=f"provisioned {reference.name}",
            error=InvalidParameterValueException,
        )
        listed = [{"FunctionArn": config.reference.arn, **self._shown(config)} for config in page.items]
        return {"ProvisionedConcurrencyConfigs": listed, "NextMarker": page.next_token}

    @operation("DeleteProvisionedConcurrencyConfig", access=on_function())
    async def delete_provisioned_concurrency_config(self, context: RequestContext, request: Request) -> Reply:
        """End it; one that is not there is no fault. Busy environments end with their invocations."""
        await self.delete(self._published(context, request))
        return Reply({}, status=204)

    # --- rules -----------------------------------------------------------------------------------

    def _published(
        self, context: RequestContext, request: Request, of_latest: str = _NEITHER
    ) -> FunctionReference:
        """Return the version or alias.

        Args:
            of_latest: What is said where `$LATEST` is named.

        Raises:
            InvalidParameterValueException: `$LATEST`.
            ResourceNotFoundException: It, or its function, is not there: said in the same words.
        """
        reference = reference_of(context, request)
        if reference.qualifier == LATEST:
            raise InvalidParameterValueException(of_latest)
        self.require_published(reference)
        return reference

    def require_published(self, reference: FunctionReference) -> None:
        """Check that a version or alias is there.

        Raises:
            ResourceNotFoundException: It, or its function, is not.
        """
        if is_version(reference.qualifier):
            self._records.require_version(reference, reference.qualifier)
        elif self._aliases.get(reference) is None:
            raise alias_not_found(reference.arn)

    def _check_place(self, reference: FunctionReference) -> None:
        """Not on an alias and on its version too."""
        concurrency, aliases = self._concurrency, self._aliases
        alias = None if is_version(reference.qualifier) else aliases.get(reference)
        if alias is not None:
            # Recorded: provisioned concurrency is on an alias or on a version it points to, not on both.
            versions = {alias.version, *alias.weights}
            if LATEST in versions:
                raise InvalidParameterValueException(_UNPUBLISHED)
            if any(concurrency.provisioned(reference.qualified(version)) for version in versions):
                raise ResourceConflictException(
                    "Alias can't be used for Provisioned Concurrency configuration on an already "
                    "Provisioned version"
                )
            return
        for pointing in aliases.of_function(reference):
            points = reference.qualifier in (pointing.version, *pointing.weights)
            if points and concurrency.provisioned(pointing.reference) is not None:
                raise ResourceConflictException("Version is pointed by a Provisioned Concurrency alias")

    def _shown(self, config: ProvisionedConfig) -> Request:
        allocation = self._provisioning.allocation(config.reference)
        count = allocation.allocated if allocation else 0
        answer: Request = {
            "RequestedProvisionedConcurrentExecutions": config.requested,
            "AllocatedProvisionedConcurrentExecutions": count,
            # On AWS available lags behind allocated (from memory); here what is allocated is initialized.
            "AvailableProvisionedConcurrentExecutions": count,
            "Status": allocation.status if allocation else "IN_PROGRESS",
            "LastModified": shown_time(config.modified_at),
        }
        if allocation and allocation.reason:
            answer["StatusReason"] = allocation.reason
        return answer
