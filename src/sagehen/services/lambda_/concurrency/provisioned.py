"""Provisioned concurrency of versions and aliases."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.api.pagination import paginate
from sagehen.services.lambda_.concurrency.records import ProvisionedConfig
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    ProvisionedConcurrencyConfigNotFoundException,
    ResourceConflictException,
    alias_not_found,
)
from sagehen.services.lambda_.functions.configuration import shown_time
from sagehen.services.lambda_.functions.state import Resource
from sagehen.services.lambda_.names import LATEST, FunctionReference, is_version, on_function, reference_of

_PAGE = 50
_NEITHER = "The function resource provided must be an alias or a published version."
_UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."


class ProvisionedConcurrency(Resource):
    """PutProvisionedConcurrencyConfig, GetProvisionedConcurrencyConfig,
    ListProvisionedConcurrencyConfigs, DeleteProvisionedConcurrencyConfig."""

    @operation("PutProvisionedConcurrencyConfig", access=on_function())
    async def put_provisioned_concurrency_config(self, context: RequestContext, request: Request) -> Request:
        """Ask for environments that wait, initialized; they are there once the status is READY.

        Raises:
            ResourceNotFoundException, ResourceConflictException, InvalidParameterValueException.
        """
        reference = self._published(context, request, _UNPUBLISHED)
        wanted: int = request["ProvisionedConcurrentExecutions"]
        self._check_place(reference)
        self._check_room(reference, wanted)
        config = ProvisionedConfig(reference, wanted, self.state.clock.now())
        await self.state.concurrency.put_provisioned(config)
        self.state.provisioning.reconcile(reference)
        return self._shown(config)

    @operation("GetProvisionedConcurrencyConfig", access=on_function())
    async def get_provisioned_concurrency_config(self, context: RequestContext, request: Request) -> Request:
        config = self.state.concurrency.provisioned(self._published(context, request))
        if config is None:
            raise ProvisionedConcurrencyConfigNotFoundException()
        return self._shown(config)

    @operation("ListProvisionedConcurrencyConfigs", access=on_function())
    async def list_provisioned_concurrency_configs(
        self, context: RequestContext, request: Request
    ) -> Request:
        reference = reference_of(context, request).qualified("")
        self.state.records.require_function(reference)
        page = paginate(
            self.state.concurrency.provisioned_of(reference),
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
        reference = self._published(context, request)
        await self.state.concurrency.delete_provisioned(reference)
        self.state.provisioning.reconcile(reference)
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
        if is_version(reference.qualifier):
            self.state.records.require_version(reference, reference.qualifier)
        elif self.state.aliases.get(reference) is None:
            raise alias_not_found(reference.arn)
        return reference

    def _check_place(self, reference: FunctionReference) -> None:
        """Not on an alias and on its version too."""
        concurrency, aliases = self.state.concurrency, self.state.aliases
        alias = None if is_version(reference.qualifier) else aliases.get(reference)
        if alias is not None:
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

    def _check_room(self, reference: FunctionReference, wanted: int) -> None:
        """What is provisioned counts inside the reservation, or inside what nobody has reserved."""
        limits, name = self.state.limits, reference.name
        shares = self.state.concurrency.shares(reference.scope)
        present = self.state.concurrency.provisioned(reference)
        total = shares.provisioned.get(name, 0) - (present.requested if present else 0) + wanted
        if name in shares.reserved:
            if total > shares.reserved[name]:
                raise InvalidParameterValueException(
                    "Requested Provisioned Concurrency should not be greater than the "
                    "reservedConcurrentExecution for function"
                )
            return
        others = sum(
            count
            for owner, count in shares.provisioned.items()
            if owner not in shares.reserved and owner != name
        )
        unreserved = shares.unreserved(limits) - others
        if total > unreserved:
            raise InvalidParameterValueException(
                "Specified ConcurrentExecutions for function is greater than account's unreserved "
                f"concurrency [{unreserved}].",
                untyped=True,
            )
        if unreserved - total < limits.minimum_unreserved:
            raise InvalidParameterValueException(
                "Specified ConcurrentExecutions for function decreases account's "
                f"UnreservedConcurrentExecution below its minimum value of [{limits.minimum_unreserved}].",
                untyped=True,
            )

    def _shown(self, config: ProvisionedConfig) -> Request:
        allocation = self.state.provisioning.allocation(config.reference)
        count = allocation.allocated if allocation else 0
        answer: Request = {
            "RequestedProvisionedConcurrentExecutions": config.requested,
            "AllocatedProvisionedConcurrentExecutions": count,
            "AvailableProvisionedConcurrentExecutions": count,
            "Status": allocation.status if allocation else "IN_PROGRESS",
            "LastModified": shown_time(config.modified_at),
        }
        if allocation and allocation.reason:
            answer["StatusReason"] = allocation.reason
        return answer
