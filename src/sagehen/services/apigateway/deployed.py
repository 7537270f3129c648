"""StoredApis: deployed stages as the data plane meets them, remembered between changes."""

from __future__ import annotations

from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.apigateway.account import ACCOUNT, account_view
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.plans.records import API_KEY, USAGE_PLAN, PlanRecords
from sagehen.services.apigateway.plans.view import api_key, usage_plan
from sagehen.services.apigateway.snapshot.apis import ApiSnapshot
from sagehen.services.apigateway.snapshot.plans import KeyInPlan
from sagehen.services.apigateway.snapshot.stages import AccountView, StageView
from sagehen.services.apigateway.stages.freeze import freeze
from sagehen.services.apigateway.stages.records import StageRecords
from sagehen.services.apigateway.stages.view import stage_view


class StoredApis:
    """Implements `snapshot.ports.DeployedApis`.

    Everything remembered is dropped after any change of the control plane, but for the snapshots
    of deployments: they never change, and a stage that is served keeps its compiled routes.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._stages = StageRecords(records)
        self._plans = PlanRecords(records)
        self._snapshots: dict[tuple[str, str], ApiSnapshot] = {}
        self._remembered: dict[tuple[str, ...], Any] = {}
        self._generation = -1

    def forget(self) -> None:
        """Drop everything: the tables were emptied."""
        self._snapshots.clear()
        self._generation = -1

    def stage(self, api_id: str, stage_name: str) -> StageView | None:
        """As `DeployedApis.stage`: the same object until something changes."""
        key = ("stage", api_id, stage_name)
        remembered = self._fresh()
        view: StageView | None = remembered.get(key)
        if view is None:
            # Nothing is remembered of what is not there: names come from anybody.
            view = self._read_stage(api_id, stage_name)
            if view is not None:
                remembered[key] = view
        return view

    def live(self, api_id: str) -> ApiSnapshot | None:
        """As `DeployedApis.live`: frozen anew each time."""
        definition = self._records.any_definition(api_id)
        return freeze(definition) if definition else None

    def api_key(self, api_id: str, stage_name: str, value: str) -> KeyInPlan | None:
        """As `DeployedApis.api_key`; of several plans, the one that the key was added to first."""
        key = ("key", api_id, stage_name, value)
        remembered = self._fresh()
        found: KeyInPlan | None = remembered.get(key)
        if found is None:
            found = self._read_key(api_id, stage_name, value)
            if found is not None:
                remembered[key] = found
        return found

    def account(self, scope: Scope) -> AccountView:
        """As `DeployedApis.account`."""
        key = ("account", scope.account_id, scope.region)
        remembered = self._fresh()
        view: AccountView | None = remembered.get(key)
        if view is None:
            view = remembered[key] = account_view(self._records.item(scope, ACCOUNT, ACCOUNT))
        return view

    # --- reading -----------------------------------------------------------------------------

    def _fresh(self) -> dict[tuple[str, ...], Any]:
        if self._generation != self._records.generation:
            self._remembered.clear()
            self._generation = self._records.generation
        return self._remembered

    def _read_stage(self, api_id: str, stage_name: str) -> StageView | None:
        document = self._stages.stage(api_id, stage_name)
        scope = self._records.scope_of(api_id)
        if document is None or scope is None:
            return None
        api = self._snapshot(scope, api_id, document["deploymentId"])
        if api is None:
            return None
        canary = document.get("canarySettings")
        canary_api = self._snapshot(scope, api_id, canary["deploymentId"]) if canary else None
        return stage_view(document, api, canary_api)

    def _snapshot(self, scope: Scope, api_id: str, deployment_id: str) -> ApiSnapshot | None:
        key = (api_id, deployment_id)
        snapshot = self._snapshots.get(key)
        if snapshot is None:
            definition = self._stages.frozen(scope, api_id, deployment_id)
            if definition is None:
                return None
            self._drop_old(api_id, deployment_id)
            snapshot = self._snapshots[key] = freeze(definition, deployment_id)
        return snapshot

    def _drop_old(self, api_id: str, deployment_id: str) -> None:
        """Keep snapshots only of deployments that some stage of the API still serves."""
        served = {deployment_id}
        for stage in self._stages.stages(api_id):
            served.add(stage["deploymentId"])
            served.add((stage.get("canarySettings") or {}).get("deploymentId", ""))
        for key in [key for key in self._snapshots if key[0] == api_id and key[1] not in served]:
            del self._snapshots[key]

    def _read_key(self, api_id: str, stage_name: str, value: str) -> KeyInPlan | None:
        scope = self._records.scope_of(api_id)
        if scope is None:
            return None
        key_id = self._plans.key_of_value(scope, value)
        document = self._records.item(scope, API_KEY, key_id) if key_id else None
        if key_id is None or document is None:
            return None
        # AWS refuses a key that reaches a stage through two plans; the first counts if it happened all the
        # same.
        for plan_id in self._plans.plans_of_key(scope, key_id):
            plan = self._records.item(scope, USAGE_PLAN, plan_id)
            for api_stage in (plan or {}).get("apiStages", ()):
                if plan and (api_stage["apiId"], api_stage["stage"]) == (api_id, stage_name):
                    return KeyInPlan(api_key(document), usage_plan(plan, api_stage))
        return None
