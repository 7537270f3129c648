"""Event-invoke configuration: retries, age and destinations of asynchronous invocations."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.arn import Arn
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceNotFoundException,
    no_such_function,
)
from sagehen.services.lambda_.functions.descriptions import Descriptions
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.functions.roles import FunctionRoles
from sagehen.services.lambda_.names import (
    LATEST,
    FunctionReference,
    on_function,
    parse_reference,
    reference_of,
)
from sagehen.services.lambda_.queue.records import EventInvokeConfig, EventRecords

# Documented: botocore's model, MaxItems is 50 at the most.
_PAGE = 50
# Destinations that AWS has and that are not built here.
_UNBUILT = {
    "sqs": "SQS queues",
    "sns": "SNS topics",
    "events": "EventBridge buses",
    "s3": "S3 buckets",
}
_SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


class EventInvokeConfigs:
    """PutFunctionEventInvokeConfig, UpdateFunctionEventInvokeConfig, GetFunctionEventInvokeConfig,
    ListFunctionEventInvokeConfigs, DeleteFunctionEventInvokeConfig."""

    def __init__(
        self,
        *,
        events: EventRecords,
        records: FunctionRecords,
        descriptions: Descriptions,
        roles: FunctionRoles,
        authorizer: Authorizer,
        clock: Clock,
    ) -> None:
        self._events = events
        self._records = records
        self._descriptions = descriptions
        self._roles = roles
        self._authorizer = authorizer
        self._clock = clock

    @operation("PutFunctionEventInvokeConfig", access=on_function())
    async def put_function_event_invoke_config(self, context: RequestContext, request: Request) -> Request:
        """Set the configuration; what is not given goes back to its default.

        Raises:
            ResourceNotFoundException, InvalidParameterValueException.
            NotImplementedOperation: A destination other than a function.
        """
        wanted = await self._wanted(context, request)
        return _shown(await self._events.put_config(wanted, lambda present: wanted))

    @operation("UpdateFunctionEventInvokeConfig", access=on_function())
    async def update_function_event_invoke_config(self, context: RequestContext, request: Request) -> Request:
        """Change what is given and leave the rest."""
        wanted = await self._wanted(context, request)

        def merge(present: EventInvokeConfig | None) -> EventInvokeConfig:
            if present is None:
                raise _not_found(wanted.reference)
            settings = {**present.settings, **wanted.settings}
            return EventInvokeConfig(wanted.reference, wanted.modified_at, settings)

        return _shown(await self._events.put_config(wanted, merge))

    @operation("GetFunctionEventInvokeConfig", access=on_function())
    async def get_function_event_invoke_config(self, context: RequestContext, request: Request) -> Request:
        """Describe the configuration of exactly this qualifier, `$LATEST` where none is given."""
        reference = _with_qualifier(context, request)
        config = self._events.config(reference)
        if config is None:
            raise _not_found(reference)
        return _shown(config)

    @operation("ListFunctionEventInvokeConfigs", access=on_function())
    async def list_function_event_invoke_configs(self, context: RequestContext, request: Request) -> Request:
        """List those of a function's qualifiers."""
        reference = reference_of(context, request).qualified("")
        if self._records.function(reference) is None:
            raise no_such_function()
        page = paginate(
            self._events.configs(reference),
            key=lambda config: config.reference.qualifier,
            token=request.get("Marker"),
            limit=request.get("MaxItems") or _PAGE,
            listing=f"event invoke configs {reference.name}",
            error=InvalidParameterValueException,
        )
        listed = [_shown(config) for config in page.items]
        return {"FunctionEventInvokeConfigs": listed, "NextMarker": page.next_token}

    @operation("DeleteFunctionEventInvokeConfig", access=on_function())
    async def delete_function_event_invoke_config(self, context: RequestContext, request: Request) -> Reply:
        """Delete one: what it set goes back to its default.

        Raises:
            ResourceNotFoundException: There is none.
        """
        reference = _with_qualifier(context, request)
        if not await self._events.delete_config(reference):
            raise _not_found(reference)
        return Reply({}, status=204)

    # --- pieces ----------------------------------------------------------------------------------

    async def _wanted(self, context: RequestContext, request: Request) -> EventInvokeConfig:
        settings = {name: request[name] for name in _SETTINGS if request.get(name) is not None}
        if not settings:
            raise InvalidParameterValueException(
                # Recorded, as the texts of destinations below are.
                "You must specify at least one of error handling or destination setting."
            )
        reference = _with_qualifier(context, request)
        try:
            self._descriptions.described(reference)
        except ResourceNotFoundException:
            raise no_such_function() from None
        for outcome in ("OnSuccess", "OnFailure"):
            chosen = (settings.get("DestinationConfig", {}).get(outcome) or {}).get("Destination")
            if chosen:
                await self._check_destination(context, reference, chosen, settings)
        return EventInvokeConfig(reference, self._clock.now(), settings)

    async def _check_destination(
        self, context: RequestContext, reference: FunctionReference, destination: str, settings: Request
    ) -> None:
        """Check that events can go there: a function that the function's role may invoke."""
        try:
            arn = Arn.parse(destination)
        except ValueError:
            raise InvalidParameterValueException(f"The destination ARN {destination} is invalid.") from None
        if arn.service in _UNBUILT:
            # They would have to be sent to; refused, not stored.
            raise NotImplementedOperation(
                f"{_UNBUILT[arn.service]} as destinations are not implemented; functions are."
            )
        if arn.service != "lambda":
            raise InvalidParameterValueException(
                f"The provided destination config {_as_java(settings['DestinationConfig'])} is invalid."
            )
        target = parse_reference(context.scope, destination)
        if target.qualified("") == reference.qualified(""):
            raise InvalidParameterValueException(
                "You can't specify the function as a destination for itself."
            )
        try:
            self._descriptions.described(target)
        except ResourceNotFoundException:
            raise InvalidParameterValueException(f"The destination ARN {destination} is invalid.") from None
        role_arn = self._descriptions.described(reference).configuration["Role"]
        try:
            principal = await self._roles.principal(role_arn, reference.name)
            self._authorizer.authorize(
                principal, Access("lambda:InvokeFunction", destination), context.condition_keys()
            )
        except AccessDenied:
            raise InvalidParameterValueException(
                f"The function's execution role does not have permissions to call Invoke on {destination}"
            ) from None


def _with_qualifier(context: RequestContext, request: Request) -> FunctionReference:
    """Return the reference, qualified: without a qualifier `$LATEST` is meant."""
    reference = reference_of(context, request)
    return reference.qualified(reference.qualifier or LATEST)


def _as_java(config: Request) -> str:
    """Print a DestinationConfig as AWS's message does (recorded)."""
    parts = []
    for outcome in ("OnSuccess", "OnFailure"):
        chosen = config.get(outcome)
        shown = f"{outcome}(destination={chosen.get('Destination') or 'null'})" if chosen else "null"
        parts.append(f"{outcome[0].lower()}{outcome[1:]}={shown}")
    return f"DestinationConfig({', '.join(parts)})"


def _not_found(reference: FunctionReference) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"The function {reference.arn} doesn't have an EventInvokeConfig")


def _shown(config: EventInvokeConfig) -> Request:
    destinations: dict[str, Any] = {"OnSuccess": {}, "OnFailure": {}}
    destinations |= config.settings.get("DestinationConfig") or {}
    return {
        "LastModified": config.modified_at,
        "FunctionArn": config.reference.arn,
        "DestinationConfig": destinations,
        **{name: config.settings[name] for name in _SETTINGS[:2] if name in config.settings},
    }
