"""On whose behalf an integration acts: its role, the caller, or API Gateway itself."""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.domain.access import AccessDenied, ConditionValue
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal, service_principal
from sagehen.domain.ports.identity.roles import Roles, RoleSession
from sagehen.services.apigateway.data_plane.exchange import Exchange
from sagehen.services.apigateway.data_plane.failures import GatewayFailure

SERVICE = "apigateway.amazonaws.com"
# Documented: Integration, credentials.
CALLER = "arn:aws:iam::*:user/*"
_ITSELF = service_principal(SERVICE)
# Sessions are made anew well before they end; AWS's own last fifteen minutes to an hour.
_DURATION_S = 3600
_MARGIN_S = 300


class IntegrationCredentials:
    """Sessions of integration roles, kept while they last.

    Args:
        roles: Makes sessions.
        clock: By which they end.
    """

    def __init__(self, roles: Roles, clock: Clock) -> None:
        self._roles = roles
        self._clock = clock
        self._sessions: dict[str, RoleSession] = {}

    async def of(
        self, exchange: Exchange, credentials: str | None
    ) -> tuple[Principal, Mapping[str, ConditionValue]]:
        """Return the principal that invokes a function, and the condition keys of its call.

        Raises:
            GatewayFailure: The role may not be assumed (500).
        """
        environment: dict[str, ConditionValue] = {
            # Documented: what a function's policy may ask of API Gateway.
            "aws:SourceArn": exchange.method_arn(pattern=True),
            "aws:SourceAccount": exchange.api.snapshot.scope.account_id,
            "aws:SourceIp": exchange.request.source_ip,
        }
        if not credentials:
            return _ITSELF, environment
        if credentials == CALLER:
            if exchange.principal is None:
                raise _invalid("The caller's credentials are wanted, but the method does not ask for any")
            return exchange.principal, environment
        return (await self.session(credentials)).principal, environment

    async def session(self, role_arn: str) -> RoleSession:
        """Return a session of a role that trusts API Gateway.

        Raises:
            GatewayFailure: The role does not exist or does not trust it (500).
        """
        held = self._sessions.get(role_arn)
        if held is not None and held.credentials.expiration is not None:
            left = (held.credentials.expiration - self._clock.now()).total_seconds()
            # A role that was deleted or changed its mind about API Gateway is not asked through memory,
            # and one that was made again under its name is another.
            lasts = left > _MARGIN_S and not self._roles.is_over(held.principal)
            if lasts and self._roles.can_be_assumed_by(role_arn, SERVICE):
                return held
        try:
            # The name of the session is the one that AWS's functions see (from memory).
            session = await self._roles.assume_for_service(
                role_arn, SERVICE, "BackplaneAssumeRoleSession", _DURATION_S
            )
        except AccessDenied:
            raise _invalid("API Gateway does not have permission to assume the provided role") from None
        self._sessions[role_arn] = session
        return session

    def clear(self) -> None:
        """Forget all sessions; roles are assumed again."""
        self._sessions.clear()


def _invalid(text: str) -> GatewayFailure:
    return GatewayFailure(
        "INTEGRATION_FAILURE", status=500, log=f"Execution failed due to configuration error: {text}"
    )
