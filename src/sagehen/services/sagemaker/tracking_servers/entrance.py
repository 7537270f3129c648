"""Entrance: lets requests in to tracking servers, signed ones and browsers', and says no to all others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sagehen.domain.access import Access
from sagehen.domain.arn import Arn
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.passes import Pass, Passes
from sagehen.services.sagemaker.roles.visitors import Visitors
from sagehen.services.sagemaker.tracking_servers.actions import UI, action_of
from sagehen.services.sagemaker.tracking_servers.loops import TrackingLoops
from sagehen.services.sagemaker.tracking_servers.operations import TOKEN_LENGTH
from sagehen.services.sagemaker.tracking_servers.records import TrackingServerRecords
from sagehen.services.sagemaker.tracking_servers.registration.registering import Registering
from sagehen.services.sagemaker.tracking_servers.registration.registrar import Registrar
from sagehen.services.sagemaker.tracking_servers.run import Running
from sagehen.services.sagemaker.tracking_servers.tracking_server import KIND, TrackingServer
from sagehen.services.sagemaker.tracking_servers.visits import Asked, Opened, Refused

# As MLflow's clients read errors: status, error_code.
_NOT_FOUND = (404, "RESOURCE_DOES_NOT_EXIST")
_DENIED = (403, "PERMISSION_DENIED")
_UNBUILT = (501, "NOT_IMPLEMENTED")
_AWAY = (503, "TEMPORARILY_UNAVAILABLE")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request is let in.

    Args:
        running: What answers.
        registering: What SageMaker's registry is to know of it; None where it is nothing.
    """

    running: Running
    registering: Registering | None = None


class Entrance:
    """Judges each request anew.

    Args:
        wall_clock: The machine's.
    """

    def __init__(
        self,
        *,
        records: TrackingServerRecords,
        passes: Passes,
        loops: TrackingLoops,
        registrar: Registrar,
        authorizer: Authorizer,
        roles: Roles,
        wall_clock: Clock,
        ids: Ids,
    ) -> None:
        self._records = records
        self._passes = passes
        self._loops = loops
        self._registrar = registrar
        self._visitors = Visitors(authorizer, roles, wall_clock)
        self._clock = wall_clock
        self._ids = ids

    def admit(self, arn: str, principal: Principal, asked: Asked) -> Admitted | Refused:
        """Judge a signed request for the server of an ARN."""
        server = self._named(arn)
        # Whether another account has one of that name is nobody else's to know.
        if server is None or principal.account_id != server.scope.account_id:
            return Refused(*_NOT_FOUND, f"There is no tracking server {arn}.")
        return self._judge(server, principal, asked, page=False)

    def admit_session(self, region: str, label: str, session: str, asked: Asked) -> Admitted | Refused:
        """Judge a request of a browser's for the page at an address."""
        server = self._records.at(region, label)
        if server is None:
            return Refused(*_NOT_FOUND, "There is no tracking server at this address.")
        shown = self._passes.find(server.id, "session", session, self._clock.now())
        if shown is None:
            return Refused(
                *_DENIED,
                "You have no session here, or it has ended. A presigned URL opens one: "
                "aws sagemaker create-presigned-mlflow-tracking-server-url.",
            )
        return self._judge(server, shown.principal, asked, page=True)

    async def open(self, region: str, label: str, token: str, asked: Asked) -> Opened | Refused:
        """Take the `authToken` of a presigned URL for a session; the URL is of no use from then on."""
        server = self._records.at(region, label)
        if server is None:
            return Refused(*_NOT_FOUND, "There is no tracking server at this address.")
        now = self._clock.now()
        shown = await self._passes.redeem(server.id, token, now)
        if shown is None:
            return Refused(
                *_DENIED,
                "This presigned URL was used, or is not valid any more. Ask for another one: "
                "aws sagemaker create-presigned-mlflow-tracking-server-url.",
            )
        if not self._is_allowed(server, shown.principal, UI, asked):
            return Refused(*_DENIED, "Who asked for the presigned URL may not open the page.")
        session = self._ids.text(TOKEN_LENGTH)
        made = Pass(shown.principal, now + timedelta(seconds=shown.session_s), shown.session_s)
        await self._passes.add(server.id, "session", session, made, now)
        return Opened(session, shown.session_s)

    def _named(self, arn: str) -> TrackingServer | None:
        try:
            parsed = Arn.parse(arn)
        except ValueError:
            return None
        kind, _, name = parsed.resource.partition("/")
        scope = Scope(parsed.account_id, parsed.region)
        return self._records.of_lowered(scope, name.lower()) if kind == KIND else None

    def _judge(
        self, server: TrackingServer, principal: Principal, asked: Asked, *, page: bool
    ) -> Admitted | Refused:
        action = action_of(asked.method, asked.path)
        if action is None:
            return Refused(*_UNBUILT, f"{asked.method} {asked.path} is not implemented.")
        for each in dict.fromkeys((UI, action) if page else (action,)):
            if not self._is_allowed(server, principal, each, asked):
                return Refused(
                    *_DENIED,
                    f"User: {principal.arn} is not authorized to perform: sagemaker-mlflow:{each} on "
                    f"resource: {server.arn}",
                )
        running = self._loops.running(server)
        if running is None:
            return Refused(*_AWAY, f"The tracking server {server.name} is {server.status}.")
        return Admitted(running, Registering.of(self._registrar, server, running, action))

    def _is_allowed(self, server: TrackingServer, principal: Principal, action: str, asked: Asked) -> bool:
        return self._visitors.may(
            principal,
            Access(f"sagemaker-mlflow:{action}", server.arn),
            server.scope.region,
            source_ip=asked.source_ip,
            secure=asked.secure,
            user_agent=asked.user_agent,
        )
