"""Aliases: names that point to a version, or split the traffic between two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.access import Access
from sagehen.domain.ids import Ids
from sagehen.services.lambda_.errors import InvalidParameterValueException, wrong_revision
from sagehen.services.lambda_.functions.aliases.records import AliasRecord, AliasRecords
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.names import LATEST, FunctionReference, on_function, reference_of

# From memory: ListAliases's model names a greatest MaxItems, 10,000, and no default.
_PAGE = 50


def _on_alias(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    # The function's rights, not the alias's:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
    yield Access(f"lambda:{context.operation}", _alias_reference(context, request).unqualified_arn)


def _alias_reference(context: RequestContext, request: Request) -> FunctionReference:
    return reference_of(context, request).qualified(request["Name"])


class Aliases:
    """CreateAlias, GetAlias, UpdateAlias, ListAliases, DeleteAlias.

    Args:
        reconcile: Told of every change of where a function's aliases point.
    """

    def __init__(
        self,
        aliases: AliasRecords,
        records: FunctionRecords,
        ids: Ids,
        reconcile: Callable[[FunctionReference], None],
    ) -> None:
        self._aliases = aliases
        self._records = records
        self._ids = ids
        self._reconcile = reconcile

    @operation("CreateAlias", access=_on_alias)
    async def create_alias(self, context: RequestContext, request: Request) -> Request:
        """Make an alias.

        Raises:
            ResourceNotFoundException: No such function or version.
            ResourceConflictException: The name is taken.
            InvalidParameterValueException: Its routing makes no sense.
        """
        reference = _alias_reference(context, request)
        alias = AliasRecord(
            reference,
            request["FunctionVersion"],
            request.get("Description") or "",
            self._ids.uuid(),
            _weights(request),
        )
        _check_routing(alias)
        await self._aliases.create(alias)
        return _shown(alias)

    @operation("GetAlias", access=_on_alias)
    async def get_alias(self, context: RequestContext, request: Request) -> Request:
        """Describe an alias.

        Raises:
            ResourceNotFoundException: In words of its own, whether the alias or its function is not there.
        """
        return _shown(self._aliases.require(_alias_reference(context, request)))

    @operation("UpdateAlias", access=_on_alias)
    async def update_alias(self, context: RequestContext, request: Request) -> Request:
        """Change where an alias points; provisioned concurrency follows it.

        Raises:
            ResourceNotFoundException, PreconditionFailedException, InvalidParameterValueException.
        """
        reference = _alias_reference(context, request)

        def change(alias: AliasRecord) -> AliasRecord:
            if request.get("RevisionId") not in (None, alias.revision_id):
                raise wrong_revision()
            description = request.get("Description")
            changed = replace(
                alias,
                version=request.get("FunctionVersion") or alias.version,
                description=alias.description if description is None else description,
                weights=alias.weights if request.get("RoutingConfig") is None else _weights(request),
                revision_id=self._ids.uuid(),
            )
            _check_routing(changed)
            return changed

        alias = await self._aliases.update(reference, change)
        self._reconcile(reference)
        return _shown(alias)

    @operation("ListAliases", access=on_function())
    async def list_aliases(self, context: RequestContext, request: Request) -> Request:
        """List a function's aliases by name, or those that point to FunctionVersion, be it with a small
        weight."""
        reference = reference_of(context, request).qualified("")
        self._records.require_function(reference)
        version = request.get("FunctionVersion")
        found = [
            alias
            for alias in self._aliases.of_function(reference)
            if version is None or version == alias.version or version in alias.weights
        ]
        page = paginate(
            found,
            key=lambda alias: alias.reference.qualifier,
            token=request.get("Marker"),
            limit=request.get("MaxItems") or _PAGE,
            listing=f"aliases {reference.name}",
            error=InvalidParameterValueException,
        )
        return {"Aliases": [_shown(alias) for alias in page.items], "NextMarker": page.next_token}

    @operation("DeleteAlias", access=_on_alias)
    async def delete_alias(self, context: RequestContext, request: Request) -> Reply:
        """Delete an alias; one that is not there is no fault, a function that is not there is.

        Raises:
            ResourceNotFoundException.
        """
        reference = _alias_reference(context, request)
        self._records.require_function(reference.qualified(""))
        await self._aliases.delete(reference)
        self._reconcile(reference)
        return Reply({}, status=204)


def _weights(request: Request) -> Mapping[str, float]:
    weights: dict[str, float] = (request.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return weights


def _check_routing(alias: AliasRecord) -> None:
    """Check what an alias points to.

    Raises:
        InvalidParameterValueException.
    """
    # Recorded texts, the last one with Java's constraints; their order is from memory.
    if len(alias.weights) > 1:
        raise InvalidParameterValueException(
            "Number of items in AdditionalVersionWeights cannot be greater than 1"
        )
    for version, weight in alias.weights.items():
        if alias.version == LATEST:
            raise InvalidParameterValueException(
                "$LATEST is not supported for an alias pointing to more than 1 version", untyped=True
            )
        if not version.isdigit():
            raise InvalidParameterValueException(f"Invalid function version {version}.")
        if version == alias.version:
            raise InvalidParameterValueException(
                f"Invalid function version {version}. Function version {version} is already included in "
                "routing configuration."
            )
        if not 0.0 <= weight <= 1.0:
            raise InvalidParameterValueException(
                f"Value '{{{version}={weight}}}' at 'routingConfig.additionalVersionWeights' failed to "
                "satisfy constraint: Map value must satisfy constraint: [Member must have value less than or "
                "equal to 1.0, Member must have value greater than or equal to 0.0]"
            )


def _shown(alias: AliasRecord) -> Request:
    answer: Request = {
        "AliasArn": alias.reference.arn,
        "Name": alias.reference.qualifier,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
    }
    if alias.weights:
        # Recorded: an alias without weights has no RoutingConfig, not an empty one.
        answer["RoutingConfig"] = {"AdditionalVersionWeights": dict(alias.weights)}
    return answer
