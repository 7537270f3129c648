"""Ports to rooms that may not be there yet: who calls one waits until it is.

Each implements the port of its name as the room would. What asks without waiting is answered as by a room
that holds nothing: that is what a room is that no row has called for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sagehen.app.wiring.rooms import Rooms
from sagehen.domain.access import ConditionValue
from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope

if TYPE_CHECKING:
    from sagehen.domain.ports.compute.functions import FunctionResult
    from sagehen.domain.ports.compute.networks import Subnet


class LateFunctions:
    """Implements FunctionInvoker, and LogSubscribers."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def invoke(
        self,
        principal: Principal,
        function_arn: str,
        payload: bytes,
        environment: Mapping[str, ConditionValue],
        departed: Callable[[], Awaitable[None]] | None = None,
    ) -> FunctionResult:
        """See FunctionInvoker."""
        await self._rooms.need("lambda_")
        invoker = self._rooms.functions.invoker
        return await invoker.invoke(principal, function_arn, payload, environment, departed)

    async def invoke_async(
        self,
        principal: Principal,
        function_arn: str,
        payload: bytes,
        environment: Mapping[str, ConditionValue],
    ) -> None:
        """See FunctionInvoker."""
        await self._rooms.need("lambda_")
        await self._rooms.functions.invoker.invoke_async(principal, function_arn, payload, environment)

    def accepts(self, scope: Scope, group: str, function_arn: str) -> bool:
        """See LogSubscribers."""
        if not self._rooms.has("lambda_"):
            return False
        return self._rooms.functions.log_subscribers.accepts(scope, group, function_arn)

    async def log_events(self, scope: Scope, group: str, function_arn: str, payload: bytes) -> None:
        """See LogSubscribers."""
        await self._rooms.need("lambda_")
        await self._rooms.functions.log_subscribers.log_events(scope, group, function_arn, payload)


class LateNetworks:
    """Implements Networks."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def subnet(self, scope: Scope, subnet_id: str) -> Subnet | None:
        """See Networks."""
        await self._rooms.need("ec2")
        return await self._rooms.ec2.networks.subnet(scope, subnet_id)

    async def group_vpc(self, scope: Scope, group_id: str) -> str | None:
        """See Networks."""
        await self._rooms.need("ec2")
        return await self._rooms.ec2.networks.group_vpc(scope, group_id)

    async def allows(
        self, scope: Scope, group_ids: Sequence[str], *, protocol: str, port: int, address: str
    ) -> bool:
        """See Networks."""
        await self._rooms.need("ec2")
        networks = self._rooms.ec2.networks
        return await networks.allows(scope, group_ids, protocol=protocol, port=port, address=address)


class LateMachines:
    """Implements AlarmActions, for EC2's instances."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def alarm_action(self, scope: Scope, action_arn: str, alarm_event: Mapping[str, Any]) -> None:
        """See AlarmActions."""
        await self._rooms.need("ec2")
        await self._rooms.ec2.instances.alarm_actions.alarm_action(scope, action_arn, alarm_event)


class LateScaling:
    """Implements AlarmActions, for Application Auto Scaling."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def alarm_action(self, scope: Scope, action_arn: str, alarm_event: Mapping[str, Any]) -> None:
        """See AlarmActions."""
        await self._rooms.need("application_autoscaling")
        await self._rooms.scaling.alarm_actions.alarm_action(scope, action_arn, alarm_event)
