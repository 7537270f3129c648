"""Function URLs: CreateFunctionUrlConfig and its like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.lambda_.errors import InvalidParameterValueException, ResourceNotFoundException
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.names import FunctionReference, on_function, reference_of
from sagehen.services.lambda_.urls.addresses import UrlAddresses
from sagehen.services.lambda_.urls.records import UrlConfig, UrlRecords, no_function

# From memory, as for other listings; the model's greatest MaxItems is 50.
_PAGE = 50


def _access(owner: FunctionUrls, context: RequestContext, request: Request) -> Iterator[Access]:
    """The function, with its ARN and the type of authentication as keys: what is asked for, else what is."""
    reference = reference_of(context, request)
    auth_type = request.get("AuthType") or owner.auth_type(reference)
    keys: dict[str, ConditionValue] = {"lambda:FunctionArn": reference.unqualified_arn}
    if auth_type is not None:
        keys["lambda:FunctionUrlAuthType"] = auth_type
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html: the function's
    # rights, not the alias's.
    yield Access(f"lambda:{context.operation}", reference.unqualified_arn, keys)


class FunctionUrls:
    """CreateFunctionUrlConfig, GetFunctionUrlConfig, UpdateFunctionUrlConfig, DeleteFunctionUrlConfig,
    ListFunctionUrlConfigs."""

    def __init__(
        self,
        *,
        urls: UrlRecords,
        records: FunctionRecords,
        addresses: UrlAddresses,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._urls = urls
        self._records = records
        self._addresses = addresses
        self._clock = clock
        self._ids = ids

    def auth_type(self, reference: FunctionReference) -> str | None:
        """Return how callers of a URL prove themselves; None where there is no URL."""
        config = self._urls.get(reference)
        return config.auth_type if config else None

    @operation("CreateFunctionUrlConfig", access=_access)
    async def create_function_url_config(self, context: RequestContext, request: Request) -> Request:
        """Make a URL of a function or an alias. Nobody may use it before AddPermission says so.

        Raises:
            ResourceNotFoundException, ResourceConflictException.
        """
        reference = reference_of(context, request)
        now = self._clock.now()
        config = UrlConfig(
            reference,
            self._ids.text(32),
            request["AuthType"],
            now,
            now,
            request.get("InvokeMode"),
            request.get("Cors"),
        )
        await self._urls.create(config)
        shown = await self._shown(context, config)
        del shown["LastModifiedTime"]  # recorded: only the other operations tell it
        return shown

    @operation("GetFunctionUrlConfig", access=_access)
    async def get_function_url_config(self, context: RequestContext, request: Request) -> Request:
        """Describe a URL; a function that is not there has none either (recorded)."""
        config = self._urls.get(reference_of(context, request))
        if config is None:
            raise _not_found()
        return await self._shown(context, config)

    @operation("UpdateFunctionUrlConfig", access=_access)
    async def update_function_url_config(self, context: RequestContext, request: Request) -> Request:
        """Change what is given and leave the rest; Cors is replaced as a whole. The address stays."""

        def change(config: UrlConfig) -> UrlConfig:
            cors = request.get("Cors")
            return replace(
                config,
                auth_type=request.get("AuthType") or config.auth_type,
                invoke_mode=request.get("InvokeMode") or config.invoke_mode,
                cors=config.cors if cors is None else cors,
                modified_at=self._clock.now(),
            )

        changed = await self._urls.update(reference_of(context, request), change)
        if changed is None:
            raise _not_found()
        return await self._shown(context, changed)

    @operation("DeleteFunctionUrlConfig", access=_access)
    async def delete_function_url_config(self, context: RequestContext, request: Request) -> Reply:
        """Delete a URL; permissions that were added for it stay, as on AWS."""
        if not await self._urls.delete(reference_of(context, request)):
            raise _not_found()
        return Reply({}, status=204)

    @operation("ListFunctionUrlConfigs", access=on_function())
    async def list_function_url_configs(self, context: RequestContext, request: Request) -> Request:
        """List those of a function and its aliases."""
        reference = reference_of(context, request).qualified("")
        if self._records.function(reference) is None:
            raise no_function()
        page = paginate(
            self._urls.of_function(reference),
            key=lambda config: config.reference.qualifier,
            token=request.get("Marker"),
            limit=request.get("MaxItems") or _PAGE,
            listing=f"function urls {reference.name}",
            error=InvalidParameterValueException,
        )
        shown = [await self._shown(context, config) for config in page.items]
        return {"FunctionUrlConfigs": shown, "NextMarker": page.next_token}

    async def _shown(self, context: RequestContext, config: UrlConfig) -> dict[str, Any]:
        shown = {
            "FunctionUrl": await self._addresses.address(
                config.url_id,
                config.reference.scope.region,
                host=context.host,
                secure=context.secure,
                from_sandbox=context.from_sandbox,
            ),
            "FunctionArn": config.reference.arn,
            "AuthType": config.auth_type,
            "CreationTime": _time(config.created_at),
            "LastModifiedTime": _time(config.modified_at),
        }
        if config.invoke_mode is not None:
            shown["InvokeMode"] = config.invoke_mode
        return shown if config.cors is None else {**shown, "Cors": dict(config.cors)}


def _time(at: datetime) -> str:
    # ISO 8601 with what AWS's model calls "s.sTZD"; the number of digits is from memory.
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def _not_found() -> ResourceNotFoundException:
    return ResourceNotFoundException("The resource you requested does not exist.")  # recorded
