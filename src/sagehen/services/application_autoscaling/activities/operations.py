"""DescribeScalingActivities."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import encode_token, sought
from sagehen.services.application_autoscaling.activities.records import ActivityRecords
from sagehen.services.application_autoscaling.errors import InvalidNextTokenException
from sagehen.services.application_autoscaling.targets.parts import page_size, require_resource

# The API reference: 1 to 50, and 50 where nothing is said.
PAGE = 50


class Activities:
    """The history of what was scaled."""

    def __init__(self, records: ActivityRecords) -> None:
        self._records = records

    @operation("DescribeScalingActivities")
    async def describe_scaling_activities(self, context: RequestContext, request: Request) -> Request:
        """Show six weeks of them, the newest first.

        Raises:
            ValidationException: A dimension without its resource.
            InvalidNextTokenException: The token is not one of ours.
        """
        resource_id, dimension = request.get("ResourceId"), request.get("ScalableDimension")
        require_resource(dimension, resource_id)
        not_scaled = bool(request.get("IncludeNotScaledActivities"))
        listing = f"activities {request['ServiceNamespace']} {resource_id} {dimension} {not_scaled}"
        last = sought(request.get("NextToken"), (int,), listing=listing, error=InvalidNextTokenException)
        limit = page_size(request, PAGE)
        found = self._records.listed(
            context.scope,
            request["ServiceNamespace"],
            resource_id,
            dimension,
            last[0] if last else None,
            limit + 1,
            not_scaled=not_scaled,
        )
        page = found[:limit]
        token = encode_token(page[-1].row, listing=listing) if len(found) > limit else None
        shown = [one.described() for one in page]
        if not not_scaled:
            for one in shown:
                one.pop("NotScaledReasons")
        return {"ScalingActivities": shown, "NextToken": token}
