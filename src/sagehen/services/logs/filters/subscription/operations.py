"""Subscription filters: put, describe, delete."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.arn import Arn
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.services.logs.access import on_group
from sagehen.services.logs.errors import InvalidParameterException, ResourceNotFoundException
from sagehen.services.logs.events.outbox import Outbox
from sagehen.services.logs.filters.subscription.deliveries import Deliveries
from sagehen.services.logs.filters.subscription.records import SubscriptionFilter, SubscriptionFilterRecords
from sagehen.services.logs.groups.records import GroupRecords
from sagehen.services.logs.groups.requested import requested_group
from sagehen.services.logs.patterns.extraction import parse_extractor

# Members that would change what is delivered, and that nothing here does.
_UNBUILT = ("applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFields")
# Destinations that AWS has (documented: API_PutSubscriptionFilter) and that are not built here.
_OTHERS = {"kinesis": "Kinesis streams", "firehose": "Firehose streams", "logs": "Destinations of Logs"}


class SubscriptionFilters:
    """PutSubscriptionFilter, DescribeSubscriptionFilters, DeleteSubscriptionFilter."""

    def __init__(
        self,
        groups: GroupRecords,
        records: SubscriptionFilterRecords,
        outbox: Outbox,
        deliveries: Deliveries,
        clock: Clock,
    ) -> None:
        self._groups = groups
        self._records = records
        self._outbox = outbox
        self._deliveries = deliveries
        self._clock = clock

    @operation("PutSubscriptionFilter", access=on_group)
    async def put_subscription_filter(self, context: RequestContext, request: Request) -> None:
        """Make or replace a filter: matching events that are stored from now on go to its function.

        Raises:
            ResourceNotFoundException, InvalidParameterException, LimitExceededException.
            NotImplementedOperation: A destination other than a function.
        """
        if given := [name for name in _UNBUILT if request.get(name)]:
            raise NotImplementedOperation(f"PutSubscriptionFilter {', '.join(given)} is not implemented.")
        group = requested_group(self._groups, context.scope, request)
        parse_extractor(request["filterPattern"])
        destination = request["destinationArn"]
        _check_vendor(destination, request.get("roleArn"))
        # Recorded: this is said whatever it is that Logs may not do, or that is not there.
        if not self._deliveries.accepts(context.scope, group.name, destination):
            raise InvalidParameterException(
                "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission "
                "to execute your function."
            )
        await self._records.put(
            SubscriptionFilter(
                group.id,
                request["filterName"],
                epoch_ms(self._clock.now()),
                request["filterPattern"],
                destination,
                request.get("distribution") or "ByLogStream",
            )
        )
        self._outbox.watch()

    @operation("DescribeSubscriptionFilters", access=on_group)
    async def describe_subscription_filters(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        group = requested_group(self._groups, context.scope, request)
        page = paginate(
            self._records.of_group(group.id, request.get("filterNamePrefix") or ""),
            key=lambda one: one.name,
            token=request.get("nextToken"),
            limit=request.get("limit") or 50,  # documented: the default, and the most
            listing="subscription-filters",
            error=InvalidParameterException,
        )
        shown = [
            {
                "filterName": one.name,
                "logGroupName": group.name,
                "filterPattern": one.pattern,
                "destinationArn": one.destination_arn,
                "distribution": one.distribution,
                "applyOnTransformedLogs": False,
                "creationTime": one.created_ms,
            }
            for one in page.items
        ]
        return {"subscriptionFilters": shown, "nextToken": page.next_token}

    @operation("DeleteSubscriptionFilter", access=on_group)
    async def delete_subscription_filter(self, context: RequestContext, request: Request) -> None:
        """Events that it has not been shown yet are not delivered to it any more."""
        group = requested_group(self._groups, context.scope, request)
        if not await self._records.delete(group.id, request["filterName"]):
            raise ResourceNotFoundException("The specified subscription filter does not exist.")
        self._outbox.watch()


def _check_vendor(destination: str, role_arn: str | None) -> None:
    """Check that the destination is a function, and comes without a role.

    Raises:
        InvalidParameterException, NotImplementedOperation.
    """
    try:
        vendor = Arn.parse(destination).service
    except ValueError:
        raise InvalidParameterException("Invalid destinationArn") from None
    if vendor in _OTHERS:
        raise NotImplementedOperation(
            f"{_OTHERS[vendor]} as destinations of subscription filters are not implemented; "
            "Lambda functions are."
        )
    if vendor != "lambda":  # recorded
        raise InvalidParameterException(
            f"PutSubscriptionFilter operation cannot work with destinationArn for vendor {vendor}"
        )
    if role_arn:  # the wording is from memory
        raise InvalidParameterException("destinationArn for vendor lambda cannot be used with roleArn")
