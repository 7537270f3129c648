"""EndpointLoop: keeps one endpoint as its record says, poked by every change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.services.sagemaker.endpoints import changes, scaling
from sagehen.services.sagemaker.endpoints import plan as planning
from sagehen.services.sagemaker.endpoints.deployments.alarm_watch import AlarmWatch, of_endpoint
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.folder import EndpointFolder
from sagehen.services.sagemaker.endpoints.host import Host
from sagehen.services.sagemaker.endpoints.instance import EndpointInstance
from sagehen.services.sagemaker.endpoints.plan import Failures, InstanceView
from sagehen.services.sagemaker.endpoints.records import EndpointRecords, InstanceRecord
from sagehen.services.sagemaker.endpoints.serverless import as_wanted
from sagehen.services.sagemaker.endpoints.traffic import Environments, Traffic
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.serving.directory import EndpointDirectory
from sagehen.serving.replica_set import ServingLimits
from sagehen.serving.serverless.environments import ServerlessSet
from sagehen.upkeep.loop import Loop
from sagehen.upkeep.pauses import Rest, Wait

_log = logging.getLogger("sagehen.endpoints")

# DeleteEndpoint does not wait a minute for callers of an endpoint that its owner wants gone.
_DELETE_DRAIN_S = 2.0
_DELETE_GRACE_S = 5.0
# From memory: FailureReason where AWS itself is at fault.
_INTERNAL_REASON = "Request to service failed. If failure persists after retry, contact customer support."


class EndpointLoop(Loop):
    """One endpoint's task.

    Args:
        alarms: Those that may roll a deployment back; None where nothing watches any.
        on_hosts: Told when an instance that hosts components comes, goes, or is about to go.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        records: EndpointRecords,
        means: Means,
        model_data: ModelData,
        directory: EndpointDirectory,
        limits: ServingLimits,
        alarms: AlarmStates | None,
        on_hosts: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(f"endpoint {endpoint.name}", means.clock)
        self.endpoint = endpoint
        self.instances: dict[str, EndpointInstance | Host] = {}
        self._on_hosts = on_hosts
        self._records = records
        self._means = means
        self._model_data = model_data
        self._traffic = Traffic(
            directory=directory,
            clock=means.wall_clock,
            ids=means.ids,
            limits=limits,
            on_suspect=self._suspect,
            serverless=Environments(means.clock, self.poke, self._record_provisioned),
        )
        self._watch = AlarmWatch(alarms, means.roles, means.clock)
        self._failures: dict[tuple[int, str], Failures] = {}
        self._forgetting: set[asyncio.Task[None]] = set()
        self._is_recovered = False

    def alarm_went_off(self, name: str) -> None:
        """An alarm of the endpoint's account and region went to ALARM."""
        if self._watch.went_off(of_endpoint(self.endpoint), name):
            self.poke()

    async def _leave(self) -> None:
        self._traffic.close()
        for instance in self.instances.values():
            instance.stop(grace_s=2.0, drain_s=0.0)
        await asyncio.gather(*(instance.ended() for instance in list(self.instances.values())))
        await asyncio.gather(*self._forgetting, return_exceptions=True)
        self._traffic.withdraw(self.endpoint)

    # --- the loop ----------------------------------------------------------------------------

    async def _survive(self) -> None:
        """What nobody foresaw ends a change that is under way, with a reason; then it is tried again."""
        if self.endpoint.pending is not None:
            await self._roll_back(_INTERNAL_REASON)
        elif self.endpoint.status in ("Updating", "RollingBack"):
            await self._change(lambda e: changes.interrupted(e, _INTERNAL_REASON))

    async def _recover(self) -> None:
        """Start again what an earlier life of the platform ran."""
        wanted = {d.generation: d for d in self.endpoint.deployments}
        left = []
        for record in self._records.instances(self.endpoint.scope, self.endpoint.name):
            deployment = wanted.get(record.generation)
            variant = deployment.variant(record.variant) if deployment else None
            if record.instance_id in self.instances:
                continue  # a recovery that failed half-way is tried again
            # Serverless environments come when they are asked for.
            if (
                variant is None
                or variant.serverless is not None
                or self.endpoint.status in ("Deleting", "Failed")
            ):
                left.append(record.instance_id)
            else:
                self._traffic.replicas(record.generation, variant).expect(record.instance_id)
                self._launch(record, variant, restarted=True)
        self._publish()  # before anything is waited for: who says InService is found
        for instance_id in left:
            await self._forget(instance_id)
        self._is_recovered = True

    async def _pass(self) -> Rest | Wait:
        """Observe, plan, act."""
        endpoint = self._records.get(self.endpoint.scope, self.endpoint.name)
        if endpoint is None or endpoint.created_at != self.endpoint.created_at:
            return Rest()
        self.endpoint = endpoint
        if not self._is_recovered:
            await self._recover()
        now = self._means.clock.monotonic()
        moment = self._means.clock.now().timestamp()
        alarms = await self._watch.look(of_endpoint(endpoint))
        self._end_idle()
        seen = self._views()
        wanted = as_wanted(endpoint, self._environments, seen)
        plan = planning.plan(wanted, seen, self._failures, now, moment, alarms)
        for action in plan.actions:
            if isinstance(action, planning.Remove):
                await self._remove()
                return Rest()
            await self._act(action)
        self._publish()
        if plan.actions:
            self.poke()
        looks = [at for found in self.environments() if (at := found.next_look()) is not None]
        return Wait(min((at for at in (plan.wake_at, *looks) if at is not None), default=None))

    def _views(self) -> list[InstanceView]:
        return [
            InstanceView(key, i.record.generation, i.record.variant, i.phase, order, i.is_leaving, _copies(i))
            for order, (key, i) in enumerate(self.instances.items())
            if i.phase != "ended"
        ]

    # --- serverless variants -----------------------------------------------------------------

    def _environments(self, generation: int, variant: EndpointVariant) -> ServerlessSet | None:
        settings = variant.serverless
        return None if settings is None else self._traffic.environments(generation, variant, settings)

    def environments(self) -> list[ServerlessSet]:
        """Return those of every serverless variant that is deployed."""
        found = (self._environments(d.generation, v) for d in self.endpoint.deployments for v in d.variants)
        return [each for each in found if each is not None]

    def _end_idle(self) -> None:
        for found in self.environments():
            for instance_id in found.idle_for_too_long():
                if (instance := self.instances.get(instance_id)) is not None:
                    self._stop_instance(instance)

    def record_concurrency(self) -> None:
        """Record how much of their concurrency serverless variants have used since the last time."""
        for found in self.environments():
            peak, of = found.peak(), found.concurrency
            dimensions = {"EndpointName": self.endpoint.name, "VariantName": found.variant}
            used = MetricValue(
                "ServerlessConcurrentExecutionsUtilization", peak / of.most, "None", dimensions
            )
            self._means.metrics.record(self.endpoint.scope, "AWS/SageMaker", [used])
            if of.provisioned:
                self._record_provisioned(found.variant, "Utilization", min(1.0, peak / of.provisioned))

    def _record_provisioned(self, variant: str, name: str, value: float) -> None:
        # Documented, with all names: SageMaker Developer Guide, Monitor a serverless endpoint.
        dimensions = {"EndpointName": self.endpoint.name, "VariantName": variant}
        named = MetricValue(f"ServerlessProvisionedConcurrency{name}", value, "None", dimensions)
        self._means.metrics.record(self.endpoint.scope, "AWS/SageMaker", [named])

    # --- actions -----------------------------------------------------------------------------

    async def _act(self, action: planning.Action) -> None:
        match action:
            case planning.StartInstance():
                await self._start_instance(action)
            case planning.StopInstance():
                self._stop_instance(self.instances[action.instance_id])
            case planning.Advance(step):
                moment = self._means.clock.now().timestamp()
                await self._change(lambda e: changes.advanced(e, step, moment))
            case planning.Promote():
                await self._promote()
            case planning.RollBack():
                await self._roll_back(action.reason)
            case planning.Withdraw():
                await self._change(changes.withdrawn)
            case planning.RevertCapacity():
                await self._revert(action)
            case planning.Settle():
                self._failures.clear()
                await self._change(changes.settled)
                await self._drop_old_models()

    async def _start_instance(self, action: planning.StartInstance) -> None:
        deployment = next(d for d in self.endpoint.deployments if d.generation == action.generation)
        variant = deployment.variant(action.variant)
        assert variant is not None
        record = InstanceRecord(f"i-{self._means.ids.hex(17)}", action.generation, action.variant)
        # The intention is on record before the process exists: a kill -9 in between loses nothing.
        await self._records.add_instance(
            self.endpoint.scope, self.endpoint.name, record, self._means.clock.now()
        )
        self._launch(record, variant, restarted=False)

    def _launch(self, record: InstanceRecord, variant: EndpointVariant, restarted: bool) -> None:
        instance: EndpointInstance | Host
        if variant.is_host:
            instance = Host(self._means, variant, record)
            instance.on_stop = self._on_hosts
        else:
            instance = EndpointInstance(
                self._means, self._model_data, self.endpoint, variant, record, restarted
            )
        self.instances[record.instance_id] = instance
        instance.begin(self._instance_changed)

    def _stop_instance(self, instance: EndpointInstance | Host) -> None:
        self._traffic.replicas(instance.record.generation, instance.variant).remove(
            instance.record.instance_id
        )
        if self.endpoint.status in ("Deleting", "Failed"):
            instance.stop(_DELETE_GRACE_S, _DELETE_DRAIN_S)
        else:
            instance.stop()

    async def _promote(self) -> None:
        if (pending := self.endpoint.pending) is not None:
            self._traffic.take_over(self.endpoint, pending)
        await self._change(changes.promoted)
        self._failures.clear()
        if self.endpoint.live is not None and self.endpoint.live.hosts_components:
            self._on_hosts()

    async def _roll_back(self, reason: str) -> None:
        await self._change(lambda e: changes.rolled_back(e, reason))
        self._failures.clear()

    async def _revert(self, action: planning.RevertCapacity) -> None:
        await self._change(lambda e: scaling.reverted(e, action.ready, action.reason))
        self._failures.clear()

    async def _remove(self) -> None:
        self._traffic.withdraw(self.endpoint)
        folder = EndpointFolder.of(self._means.folder, self.endpoint).root
        await self._model_data.remove(folder)
        await self._records.remove(self.endpoint)

    async def _change(self, change: Callable[[Endpoint], Endpoint]) -> None:
        """Change the record, unless somebody deleted the endpoint meanwhile."""
        now = self._means.clock.now()

        def guarded(endpoint: Endpoint) -> Endpoint:
            if endpoint.status == "Deleting":
                return endpoint
            changed = change(endpoint)
            return endpoint if changed == endpoint else replace(changed, modified_at=now)

        changed = await self._records.change(self.endpoint.scope, self.endpoint.name, guarded)
        if changed is not None:
            self.endpoint = changed

    async def _drop_old_models(self) -> None:
        if self.endpoint.live is not None:
            kept = {d.generation for d in self.endpoint.deployments}
            folder = EndpointFolder.of(self._means.folder, self.endpoint)
            for path in await asyncio.to_thread(folder.old_models, kept):
                await self._model_data.remove(path)

    # --- instances and traffic ---------------------------------------------------------------

    def _instance_changed(self, instance: EndpointInstance | Host) -> None:
        """Told by an instance that it became ready or ended."""
        record = instance.record
        if instance.variant.is_host:
            self._on_hosts()
        if instance.phase == "ready" and instance.replica is not None:
            self._traffic.replicas(record.generation, instance.variant).add(instance.replica)
            if instance.variant.serverless is not None and instance.took_s is not None:
                dimensions = {"EndpointName": self.endpoint.name, "VariantName": instance.variant.name}
                took = MetricValue("ModelSetupTime", instance.took_s * 1e6, "Microseconds", dimensions)
                self._means.metrics.record(self.endpoint.scope, "AWS/SageMaker", [took])
        elif instance.phase == "ended":
            self._traffic.replicas(record.generation, instance.variant).remove(record.instance_id)
            self._note_failure(instance)
            if not self._closing:
                del self.instances[record.instance_id]
                forgetting = asyncio.create_task(self._forget(record.instance_id))
                self._forgetting.add(forgetting)
                forgetting.add_done_callback(self._forgotten)
        self.poke()

    def _forgotten(self, forgetting: asyncio.Task[None]) -> None:
        self._forgetting.discard(forgetting)
        if not forgetting.cancelled() and (error := forgetting.exception()) is not None:
            _log.error("what an instance of %s left stays", self._name, exc_info=error)
        self.poke()

    async def _forget(self, instance_id: str) -> None:
        await self._records.remove_instance(instance_id)
        folder = EndpointFolder.of(self._means.folder, self.endpoint).instance(instance_id)
        await self._model_data.remove(folder.root)

    def _note_failure(self, instance: EndpointInstance | Host) -> None:
        if instance.failure is None:
            return
        now = self._means.clock.monotonic()
        key = (instance.record.generation, instance.record.variant)
        served_s = None if instance.ready_at is None else now - instance.ready_at
        self._failures[key] = Failures.after(self._failures.get(key), served_s, now, instance.failure)

    def _suspect(self, instance_id: str) -> None:
        if instance := self.instances.get(instance_id):
            if instance.variant.serverless is not None:
                instance.stop(grace_s=_DELETE_GRACE_S, drain_s=0.0)  # another one takes its place
            else:
                instance.suspect()

    def _publish(self) -> None:
        self._traffic.publish(self.endpoint, {i.record.generation for i in self.instances.values()})


def _copies(instance: EndpointInstance | Host) -> int:
    return instance.copies if isinstance(instance, Host) else 0
