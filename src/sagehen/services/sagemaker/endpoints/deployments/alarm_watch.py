"""AlarmWatch: looks at the alarms of one endpoint's deployment, with the rights of its execution roles."""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.services.sagemaker.endpoints.deployments.alarms import Observation, alarm_names
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.roles import sessions


class AlarmWatch:
    """What is seen of the alarms of one endpoint; it remembers what tripped during a deployment."""

    def __init__(self, alarms: AlarmStates | None, roles: Roles, clock: Clock) -> None:
        self._alarms = alarms
        self._roles = roles
        self._clock = clock
        self._generation = 0
        self._tripped: set[str] = set()
        self._principals: dict[str, tuple[float, Principal]] = {}

    def went_off(self, endpoint: Endpoint, name: str) -> bool:
        """Note an alarm that went to ALARM; tell whether it is one of the deployment under way.

        It may be OK again before anybody looks.
        """
        if endpoint.pending is None or name not in alarm_names(endpoint.deployment_config):
            return False
        self._begin(endpoint.pending.generation)
        self._tripped.add(name)
        return True

    async def look(self, endpoint: Endpoint) -> Observation:
        """Return what is seen now; of an endpoint's first deployment nothing: there is no way back."""
        names = alarm_names(endpoint.deployment_config)
        if self._alarms is None or not names or endpoint.pending is None or endpoint.live is None:
            return Observation()
        self._begin(endpoint.pending.generation)
        states: dict[str, str] = {}
        try:
            for role_arn in dict.fromkeys(variant.role_arn for variant in endpoint.pending.variants):
                principal = await self._principal(role_arn)
                states |= self._alarms.states(principal, endpoint.scope, names)
        except (AccessDenied, ServiceError) as error:
            return Observation(states, frozenset(self._tripped), str(error))
        return Observation(states, frozenset(self._tripped))

    def _begin(self, generation: int) -> None:
        if generation != self._generation:
            self._generation = generation
            self._tripped.clear()
            self._principals.clear()

    async def _principal(self, role_arn: str) -> Principal:
        known = self._principals.get(role_arn)
        now = self._clock.monotonic()
        if known is None or now - known[0] > sessions.SESSION_S / 2:
            session = await sessions.assume(self._roles, role_arn)
            known = self._principals[role_arn] = now, session.principal
        return known[1]
