"""What the two planes ask of one another."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sagehen.domain.scope import Scope
from sagehen.services.apigateway.snapshot.apis import ApiSnapshot
from sagehen.services.apigateway.snapshot.plans import KeyInPlan
from sagehen.services.apigateway.snapshot.stages import AccountView, StageView


class DeployedApis(Protocol):
    """What the data plane asks of the control plane. All synchronous: memory, or one read after a change."""

    def stage(self, api_id: str, stage_name: str) -> StageView | None:
        """Return the stage, or None where there is no such API or stage."""
        ...

    def live(self, api_id: str) -> ApiSnapshot | None:
        """Return the API as it is now, not deployed: for TestInvokeMethod and TestInvokeAuthorizer."""
        ...

    def api_key(self, api_id: str, stage_name: str, value: str) -> KeyInPlan | None:
        """Return the key of this value with its usage plan, if a plan of this stage holds the key."""
        ...

    def account(self, scope: Scope) -> AccountView:
        """Return a region's account settings, AWS's defaults where nobody changed them."""
        ...


class UsageCounter(Protocol):
    """Counts requests against quotas; survives restarts (written behind within a second)."""

    def take(self, in_plan: KeyInPlan, now: datetime) -> bool:
        """Count one request; False (and nothing counted) where the plan's quota is spent."""
        ...


class DataPlane(Protocol):
    """What the control plane asks of the data plane."""

    @property
    def operations(self) -> tuple[object, ...]:
        """Objects whose `@operation` methods need the data plane: TestInvokeMethod, TestInvokeAuthorizer."""
        ...

    def flush_stage_cache(self, api_id: str, stage_name: str) -> None:
        """Forget remembered responses of a stage."""
        ...

    def flush_authorizers_cache(self, api_id: str, stage_name: str) -> None:
        """Forget remembered verdicts of the Lambda authorizers of a stage."""
        ...

    async def start(self) -> None:
        """Begin whatever runs in the background."""
        ...

    async def stop(self) -> None:
        """End it."""
        ...

    async def reset(self) -> None:
        """Forget everything remembered: the tables were emptied."""
        ...
