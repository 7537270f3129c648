"""Zones: the availability zones that a template asks for."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.templates.context import Context
from sagehen.services.cloudformation.templates.template import Template
from sagehen.services.cloudformation.templates.zones import regions_asked


class Zones:
    """Asks EC2, with the rights of whoever asks for a stack."""

    def __init__(self, calls: OperationCalls) -> None:
        self._calls = calls

    async def asked_for(
        self, principal: Principal, scope: Scope, template: Template, context: Context
    ) -> list[str]:
        """Return the zones of all regions whose zones a template asks for.

        Raises:
            ValidationError: The caller may not know, or there is no such region.
        """
        if "GetAZs" not in template.text:
            return []
        regions = await asyncio.to_thread(regions_asked, template, context)
        found: list[str] = []
        try:
            if others := sorted(regions - {scope.region}):
                # Its answer for one that is none is an error; the right to it is wanted here, not by AWS.
                await self._calls.call(principal, scope, "ec2", "DescribeRegions", {"RegionNames": others})
            for region in sorted(regions):
                found += await self._zones_of(principal, replace(scope, region=region))
        except (ServiceError, AccessDenied) as error:
            raise ValidationError(f"Template error: Fn::GetAZs cannot be evaluated: {error}") from None
        return found

    async def _zones_of(self, principal: Principal, scope: Scope) -> list[str]:
        # Documented (Fn::GetAZs): those that have a default subnet, or all where none has; and the rights.
        told = await self._calls.call(principal, scope, "ec2", "DescribeAvailabilityZones", {})
        wanted = {"Filters": [{"Name": "default-for-az", "Values": ["true"]}]}
        subnets = await self._calls.call(principal, scope, "ec2", "DescribeSubnets", wanted)
        usable = {subnet["AvailabilityZone"] for subnet in subnets["Subnets"]}
        every = [zone["ZoneName"] for zone in told["AvailabilityZones"]]
        return [zone for zone in every if zone in usable] or every
