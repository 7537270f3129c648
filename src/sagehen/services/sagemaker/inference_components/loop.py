"""ComponentLoop: keeps the components of one endpoint as their records say, poked by every change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from sagehen.api.errors import ServiceError
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.deployments.alarm_watch import AlarmWatch, Watched
from sagehen.services.sagemaker.endpoints.deployments.alarms import Observation
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.endpoints.folder import EndpointFolder
from sagehen.services.sagemaker.endpoints.scaling import housed
from sagehen.services.sagemaker.inference_components import changes
from sagehen.services.sagemaker.inference_components.component import InferenceComponent
from sagehen.services.sagemaker.inference_components.copies import Copies
from sagehen.services.sagemaker.inference_components.copy import Copy
from sagehen.services.sagemaker.inference_components.observing import (
    copies_of,
    hosts_of,
    live_of,
    variants_of,
)
from sagehen.services.sagemaker.inference_components.planning import actions, views
from sagehen.services.sagemaker.inference_components.planning.plan import plan
from sagehen.services.sagemaker.inference_components.tools import Tools
from sagehen.upkeep.loop import Loop
from sagehen.upkeep.pauses import Rest, Wait

_log = logging.getLogger("sagehen.endpoints")

# Who asks again within it is told at once that there is no room.
_REFUSED_S = 60.0


class ComponentLoop(Loop):
    """The task of one endpoint's components, for as long as there are any, or instances for some."""

    def __init__(self, scope: Scope, endpoint: str, tools: Tools) -> None:
        super().__init__(f"inference components of {endpoint}", tools.means.clock)
        self._scope = scope
        self._endpoint_name = endpoint
        self._tools = tools
        self._clock = tools.means.clock
        self.copies = Copies(scope, endpoint, tools, self.poke)
        self._watches: dict[str, AlarmWatch] = {}
        self._idle_since: dict[str, float] = {}
        # Variants that got no more instances when they were to -> until when they are not asked for again.
        self._refused: dict[str, float] = {}

    def alarm_went_off(self, name: str) -> None:
        """An alarm of the account and region went to ALARM."""
        for component in self._tools.records.of_endpoint(self._scope, self._endpoint_name):
            if self._watch(component).went_off(_watched(component), name):
                self.poke()

    async def _leave(self) -> None:
        await self.copies.leave()

    async def _pass(self) -> Rest | Wait:
        """Observe, plan, act."""
        tools = self._tools
        components = tools.records.of_endpoint(self._scope, self._endpoint_name)
        endpoint = tools.endpoints.get(self._scope, self._endpoint_name)
        if not components and not self.copies.running and live_of(endpoint) is None:
            self.copies.traffic.close()
            return Rest()
        if not self.copies.is_recovered:
            await self.copies.recover(components)
        self.copies.traffic.publish(components, endpoint)
        alarms = {component.name: await self._look(component) for component in components}
        steps = plan(components, self._seen(endpoint), lambda component: alarms[component.name])
        for action in steps.actions:
            await self._act(action, components)
        if steps.actions:
            self.poke()
        return Wait(steps.wake_at)

    def _seen(self, endpoint: Endpoint | None) -> views.Seen:
        now, live = self._clock.monotonic(), live_of(endpoint)
        hosts = self._tools.endpoint_loops.hosts(self._scope, self._endpoint_name)
        self._idle_since = {
            name: self._idle_since.get(name, now) for name, host in hosts.items() if not host.copies
        }
        return views.Seen(
            variants_of(live, {name for name, until in self._refused.items() if until > now}),
            hosts_of(hosts, live, self._idle_since),
            copies_of(self.copies.running),
            self.copies.failures,
            now,
            self._clock.now().timestamp(),
            endpoint.created_at.timestamp() if endpoint else 0.0,
        )

    # --- alarms ------------------------------------------------------------------------------

    def _watch(self, component: InferenceComponent) -> AlarmWatch:
        if component.name not in self._watches:
            means = self._tools.means
            self._watches[component.name] = AlarmWatch(self._tools.alarms, means.roles, means.clock)
        return self._watches[component.name]

    async def _look(self, component: InferenceComponent) -> Observation:
        watched = _watched(component)
        return await self._watch(component).look(watched) if watched is not None else Observation()

    # --- actions -----------------------------------------------------------------------------

    async def _act(self, action: actions.Action, components: list[InferenceComponent]) -> None:
        moment = self._clock.now().timestamp()
        match action:
            case actions.StartCopy(name, number, host):
                component = next(one for one in components if one.name == name)
                await self.copies.start(component, number, host)
            case actions.StopCopy(copy_id):
                if (copy := self.copies.running.get(copy_id)) is not None:  # else it has ended meanwhile
                    self.copies.stop(copy, at_once=self._is_unwanted(copy, components))
            case actions.SetHosts(variant, count):
                await self._set_hosts(variant, count)
            case actions.Remove(name):
                await self._remove(next(one for one in components if one.name == name))
            case actions.Advance(name, moved):
                await self._change(name, lambda c: changes.advanced(c, moved))
            case actions.Bake(name):
                await self._change(name, lambda c: changes.baking(c, moment))
            case actions.Promote(name):
                await self._change(name, changes.promoted)
            case actions.RollBack(name, reason):
                await self._change(name, lambda c: changes.rolled_back(c, reason))
                self.copies.forgive(name)
            case actions.Revert(name, ready, reason):
                await self._change(name, lambda c: changes.reverted(c, ready, reason))
                self.copies.forgive(name)
            case actions.Fail(name, reason):
                await self._change(name, lambda c: changes.failed(c, reason))
            case actions.Settle(name):
                component = next(one for one in components if one.name == name)
                self.copies.traffic.show(changes.settled(component))
                await self._change(name, changes.settled)
                self.copies.forgive(name)
                await self._drop_old_models(changes.settled(component))

    def _is_unwanted(self, copy: Copy, components: list[InferenceComponent]) -> bool:
        """Whether its owner wants it gone, or its endpoint: nobody has a minute to wait for its callers."""
        component = next((one for one in components if one.name == copy.component), None)
        endpoint = self._tools.endpoints.get(self._scope, self._endpoint_name)
        gone = component is None or component.status in ("Deleting", "Failed")
        return gone or live_of(endpoint) is None

    async def _drop_old_models(self, component: InferenceComponent) -> None:
        kept = {revision.number for revision in component.revisions}
        folder = EndpointFolder.of(self._tools.means.folder, component)
        for path in await asyncio.to_thread(folder.old_models, kept):
            await self._tools.model_data.remove(path)

    async def _set_hosts(self, variant: str, count: int) -> None:
        try:
            await self._tools.endpoints.change(
                self._scope, self._endpoint_name, lambda endpoint: housed(endpoint, variant, count)
            )
        except ServiceError as refused:  # a quota of the operator's: for a while there are no more than now
            _log.info("%s stays with its instances: %s", self._name, refused)
            self._refused[variant] = self._clock.monotonic() + _REFUSED_S
            return
        self._tools.endpoint_loops.poke(self._scope, self._endpoint_name)

    async def _remove(self, component: InferenceComponent) -> None:
        self._watches.pop(component.name, None)
        self.copies.traffic.forget(component.name)
        self.copies.forgive(component.name)
        folder = EndpointFolder.of(self._tools.means.folder, component).root
        await self._tools.model_data.remove(folder)
        await self._tools.records.remove(component)

    async def _change(self, name: str, change: Callable[[InferenceComponent], InferenceComponent]) -> None:
        """Change a record, unless somebody deleted the component meanwhile."""
        now = self._clock.now()

        def guarded(component: InferenceComponent) -> InferenceComponent:
            if component.status == "Deleting":
                return component
            changed = change(component)
            # While an update goes on the date is its beginning, which its time limit counts from.
            ended = changed.status != component.status
            return replace(changed, modified_at=now) if ended else changed

        await self._tools.records.change(self._scope, name, guarded)


def _watched(component: InferenceComponent) -> Watched | None:
    pending = component.pending
    if pending is None:
        return None
    return Watched(component.scope, component.deployment_config, pending.number, (pending.served.role_arn,))
