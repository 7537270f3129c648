"""Associations: the operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.lineage.association_records import AssociationRecords
from sagehen.services.sagemaker.lineage.nodes import Nodes
from sagehen.services.sagemaker.lineage.rows import Association
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.services.sagemaker.resources.user_context import user_context


def _on_both(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    for member in ("SourceArn", "DestinationArn"):
        yield Access(f"sagemaker:{context.operation}", request.get(member) or "*")


class Associations:
    """AddAssociation, DeleteAssociation, ListAssociations."""

    def __init__(self, records: AssociationRecords, nodes: Nodes, clock: Clock) -> None:
        self._records = records
        self._nodes = nodes
        self._clock = clock

    @operation("AddAssociation", access=_on_both)
    async def add_association(self, context: RequestContext, request: Request) -> Request:
        """Record that one came of another.

        Raises:
            ResourceNotFound: One of them is not there.
            ValidationException: They are associated already, or both are of experiments.
            ResourceLimitExceeded: There are too many.
        """
        scope = context.scope
        source = self._nodes.require(scope, request["SourceArn"])
        destination = self._nodes.require(scope, request["DestinationArn"])
        if source.is_experimental and destination.is_experimental:
            raise ValidationException("An association can't be created between two experiment entities.")
        if source.arn == destination.arn:
            raise ValidationException("SourceArn and DestinationArn must not be the same.")
        association = Association(
            scope, source.arn, destination.arn, source.type, destination.type,
            request.get("AssociationType") or "", self._clock.now().timestamp(), False,
            user_context(context.principal),
        )  # fmt: skip
        await self._records.add(association)
        return {"SourceArn": source.arn, "DestinationArn": destination.arn}

    @operation("DeleteAssociation", access=_on_both)
    async def delete_association(self, context: RequestContext, request: Request) -> Request:
        """Forget an association.

        Raises:
            ResourceNotFound: There is none.
        """
        both = request["SourceArn"], request["DestinationArn"]
        await self._records.remove(context.scope, *both)
        return {"SourceArn": both[0], "DestinationArn": both[1]}

    @operation("ListAssociations")
    async def list_associations(self, context: RequestContext, request: Request) -> Request:
        """Return one page of associations.

        Raises:
            ValidationException: The token is not one of ours.
        """
        found, token = self._records.page(context.scope, request)
        summaries = [self._summary(context.scope, each) for each in found]
        return {"AssociationSummaries": summaries, "NextToken": token}

    def _summary(self, scope: Scope, association: Association) -> Request:
        ends = (self._nodes.find(scope, association.source), self._nodes.find(scope, association.destination))
        source, destination = (None if node is None else node.name for node in ends)
        return {
            "SourceArn": association.source,
            "DestinationArn": association.destination,
            "SourceType": association.source_type or None,
            "DestinationType": association.destination_type or None,
            "AssociationType": association.type or None,
            "SourceName": source,
            "DestinationName": destination,
            "CreationTime": moment(association.created_at),
            "CreatedBy": association.created_by or None,
        }
