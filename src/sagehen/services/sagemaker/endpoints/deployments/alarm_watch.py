"""AlarmWatch: looks at the alarms of one deployment, with the rights of its execution roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.errors import ServiceError, ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.deployments.alarms import Observation, alarm_names
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.roles import sessions


@dataclass(frozen=True, slots=True)
class Watched:
    """A deployment under way that may be rolled back.

    Args:
        config: Its DeploymentConfig.
        number: Tells it from others of the same thing.
        role_arns: With whose rights its alarms are looked at.
    """

    scope: Scope
    config: Mapping[str, Any]
    number: int
    role_arns: tuple[str, ...]


def of_endpoint(endpoint: Endpoint) -> Watched | None:
    """Return an endpoint's; of its first deployment there is none: there is no way back."""
    pending = endpoint.pending
    if pending is None or endpoint.live is None:
        return None
    roles = tuple(dict.fromkeys(variant.role_arn for variant in pending.variants))
    return Watched(endpoint.scope, endpoint.deployment_config, pending.generation, roles)


class AlarmWatch:
    """What is seen of the alarms of one thing's deployments; it remembers what tripped during the last."""

    def __init__(self, alarms: AlarmStates | None, roles: Roles, clock: Clock) -> None:
        self._alarms = alarms
        self._roles = roles
        self._clock = clock
        self._number = 0
        self._tripped: set[str] = set()
        self._principals: dict[str, tuple[float, Principal]] = {}

    def went_off(self, watched: Watched | None, name: str) -> bool:
        """Note an alarm that went to ALARM; tell whether it is one of the deployment under way.

        It may be OK again before anybody looks.
        """
        if watched is None or name not in alarm_names(watched.config):
            return False
        self._begin(watched.number)
        self._tripped.add(name)
        return True

    async def look(self, watched: Watched | None) -> Observation:
        """Return what is seen now."""
        names = alarm_names(watched.config) if watched is not None else ()
        if self._alarms is None or not names or watched is None:
            return Observation()
        self._begin(watched.number)
        states: dict[str, str] = {}
        try:
            for role_arn in watched.role_arns:
                principal = await self._principal(role_arn)
                states |= self._alarms.states(principal, watched.scope, names)
        except (AccessDenied, ServiceError) as error:
            return Observation(states, frozenset(self._tripped), str(error))
        return Observation(states, frozenset(self._tripped))

    def _begin(self, number: int) -> None:
        if number != self._number:
            self._number = number
            self._tripped.clear()
            self._principals.clear()

    async def _principal(self, role_arn: str) -> Principal:
        known = self._principals.get(role_arn)
        now = self._clock.monotonic()
        if known is None or now - known[0] > sessions.SESSION_S / 2:
            session = await sessions.assume(self._roles, role_arn)
            known = self._principals[role_arn] = now, session.principal
        return known[1]


def require_alarms(alarms: AlarmStates | None, scope: Scope, config: Mapping[str, Any]) -> None:
    """Refuse alarms that are not there before anything is started for them. From memory, as the words.

    Raises:
        ValidationException.
    """
    missing = alarms.missing(scope, alarm_names(config)) if alarms is not None else ()
    if missing:
        raise ValidationException(
            f"Could not find the CloudWatch alarms of AutoRollbackConfiguration: {', '.join(missing)}."
        )
