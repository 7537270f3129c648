"""Event source mappings: there are none, for there is nothing to read from; what is asked for says so.

Listings are truthful and empty, a mapping of any id does not exist. Codes and texts are recorded.
"""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.arn import Arn
from sagehen.services.lambda_.errors import InvalidParameterValueException, ResourceNotFoundException
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.names import parse_reference

# Documented: "How Lambda processes records from stream and queue-based event sources".
_SOURCES = {
    "sqs": "SQS queues",
    "dynamodb": "DynamoDB streams",
    "kinesis": "Kinesis streams",
    "kafka": "Kafka clusters",
    "mq": "Amazon MQ brokers",
    "rds": "DocumentDB clusters",
}


class EventSources:
    """CreateEventSourceMapping, GetEventSourceMapping, UpdateEventSourceMapping,
    DeleteEventSourceMapping, ListEventSourceMappings."""

    def __init__(self, records: FunctionRecords) -> None:
        self._records = records

    @operation("CreateEventSourceMapping")
    async def create_event_source_mapping(self, context: RequestContext, request: Request) -> Request:
        """Refuse: none of the sources is here.

        Raises:
            InvalidParameterValueException: There is no such function, or no such source on AWS either.
            NotImplementedOperation: The source is named.
        """
        source = request.get("EventSourceArn")
        if not source and not request.get("SelfManagedEventSource"):
            raise InvalidParameterValueException("Unrecognized event source.")
        if self._records.function(parse_reference(context.scope, request["FunctionName"])) is None:
            raise InvalidParameterValueException("Function does not exist")
        service = Arn.parse(source).service if source else "kafka"
        if service not in _SOURCES:
            raise InvalidParameterValueException("Unrecognized event source.")
        raise NotImplementedOperation(f"{_SOURCES[service]} as event sources are not implemented.")

    @operation("GetEventSourceMapping")
    async def get_event_source_mapping(self, context: RequestContext, request: Request) -> Request:
        raise _not_found()

    @operation("UpdateEventSourceMapping")
    async def update_event_source_mapping(self, context: RequestContext, request: Request) -> Request:
        raise _not_found()

    @operation("DeleteEventSourceMapping")
    async def delete_event_source_mapping(self, context: RequestContext, request: Request) -> Request:
        raise _not_found()

    @operation("ListEventSourceMappings")
    async def list_event_source_mappings(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """List none, whatever the filters."""
        return {"EventSourceMappings": []}


def _not_found() -> ResourceNotFoundException:
    return ResourceNotFoundException("The resource you requested does not exist.")
