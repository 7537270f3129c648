"""CloudFormationService: CloudFormation put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagehen.api.operation import Service
from sagehen.domain.arn import Arn
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.calls.late_calls import LateCalls, LateShapes
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.storage.objects import Objects
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.drift.detections import Detections
from sagehen.services.cloudformation.drift.records import DriftRecords
from sagehen.services.cloudformation.macros.functions import FunctionMacros
from sagehen.services.cloudformation.macros.processing import Macros
from sagehen.services.cloudformation.makers.contract import Maker
from sagehen.services.cloudformation.makers.functions import CustomResources
from sagehen.services.cloudformation.makers.macros import MacroMaker, MacroRecords
from sagehen.services.cloudformation.makers.reception import Reception
from sagehen.services.cloudformation.makers.replies import Replies
from sagehen.services.cloudformation.makers.signals import Signals
from sagehen.services.cloudformation.makers.wait_conditions import WaitConditionHandles, WaitConditions
from sagehen.services.cloudformation.nested.maker import NestedStacks
from sagehen.services.cloudformation.nested.wanting import Wanting
from sagehen.services.cloudformation.operations.change_set_views import ChangeSetViews
from sagehen.services.cloudformation.operations.change_sets import ChangeSets
from sagehen.services.cloudformation.operations.drift import Drifts
from sagehen.services.cloudformation.operations.looking import StackViews
from sagehen.services.cloudformation.operations.policies import StackPolicies
from sagehen.services.cloudformation.operations.rollbacks import Rollbacks
from sagehen.services.cloudformation.operations.signals import ResourceSignals
from sagehen.services.cloudformation.operations.stacks import Stacks
from sagehen.services.cloudformation.operations.templates import TemplateViews
from sagehen.services.cloudformation.running.runs import StackRuns
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.schema import MIGRATIONS
from sagehen.services.cloudformation.sources import Sources
from sagehen.services.cloudformation.stacks.change_set_records import ChangeSetRecords
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.versions import Versions
from sagehen.services.cloudformation.zones import Zones
from sagehen.store.database import Database


class CloudFormationService:
    """AWS CloudFormation.

    Args:
        database: Where stacks are kept.
        objects: S3, for templates.
        roles: Those that stacks act with.
        authorizer: For stacks in stacks, which no request asks for.
        signal_url: Where machines reach `receive_signal`: what comes before a key.
        reply_url: The same, where functions do.

    Attributes:
        calls: Is told of the platform's operations, as its `calls`.
        shapes: Is told of the shapes of their requests, as its `shapes`.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        roles: Roles,
        objects: Objects,
        signal_url: str,
        reply_url: str,
        authorizer: Authorizer,
    ) -> None:
        database.migrate("cloudformation", MIGRATIONS)
        self.calls, self.shapes = LateCalls(), LateShapes()
        self._records = records = StackRecords(database)
        signals, replies, is_handle = Signals(database), Replies(), records.is_physical
        macros = MacroRecords(database)
        self._reception = Reception(replies, signals, is_handle, signal_url)
        self._custom = CustomResources(self.calls, replies, reply_url)
        makers: dict[str, Maker] = {
            "function": self._custom,
            "macro": MacroMaker(macros),
            "handle": WaitConditionHandles(signals, signal_url),
            "signals": WaitConditions(signals, is_handle, signal_url),
        }
        self._change_sets = change_set_records = ChangeSetRecords(database)
        tools = Tools(
            *(records, clock, ids, roles, self.calls, self.shapes, makers, signals, change_set_records)
        )
        self._runs = runs = StackRuns(tools)
        self._drifts = DriftRecords(database)
        self._detections = Detections(tools, self._drifts)
        sources = Sources(objects, self.calls, Macros(FunctionMacros(macros, self.calls)))
        versions = Versions(sources, Zones(self.calls), roles)
        wanting = Wanting(sources, versions, authorizer, clock)
        makers["template"] = NestedStacks(records, runs, wanting, change_set_records, clock)
        stacks = Stacks(records, runs, sources, versions, clock, roles)
        change_sets = ChangeSets(
            *(records, change_set_records, stacks, runs, sources, versions, wanting, clock)
        )
        templates = TemplateViews(records, change_set_records, sources)
        self._service = Service(
            "cloudformation",
            (
                *(stacks, change_sets, StackViews(records, self._drifts), templates),
                ChangeSetViews(records, change_set_records),
                StackPolicies(records, sources),
                Drifts(records, self._drifts, self._detections),
                *(ResourceSignals(records, signals), Rollbacks(records, runs, roles)),
            ),
        )

    @property
    def services(self) -> Sequence[Service]:
        """CloudFormation alone."""
        return (self._service,)

    async def receive_signal(self, key: str, body: bytes) -> bool:
        """Take what came to a key's URL; False where nobody gave it out. ValueError: it is no signal."""
        return await self._reception.receive(key, body)

    def resource_tags(self, arn: str) -> Mapping[str, str]:
        """Return the tags of a stack; none where there is no such."""
        try:
            parsed = Arn.parse(arn)
        except ValueError:
            return {}
        stack = self._records.find(Scope(parsed.account_id, parsed.region), arn)
        return {tag["Key"]: tag["Value"] for tag in stack.version.tags} if stack else {}

    async def start(self) -> None:
        """Take up what went on in an earlier life."""
        await self._drifts.end_unfinished("The platform was restarted.")
        await self._change_sets.sweep()
        self._runs.recover()

    async def stop(self) -> None:
        """End what runs; `start` brings it back."""
        await self._detections.end_all()
        await self._runs.end_all()
        await self._custom.end_all()

    async def reset(self) -> None:
        """End what runs, whose rows are gone."""
        await self._detections.end_all()
        await self._runs.end_all()
        await self._custom.end_all()
