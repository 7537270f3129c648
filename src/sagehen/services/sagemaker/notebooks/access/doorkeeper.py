"""Doorkeeper: lets people in to notebook instances, and says no to everybody else."""

from __future__ import annotations

from datetime import timedelta

from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.sagemaker.notebooks.access.operations import TOKEN_LENGTH
from sagehen.services.sagemaker.notebooks.addresses import base_path
from sagehen.services.sagemaker.notebooks.entrance import Admitted, Opened, Place, Refused, Visitor
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance
from sagehen.services.sagemaker.notebooks.loops import NotebookLoops
from sagehen.services.sagemaker.notebooks.records import NotebookRecords
from sagehen.services.sagemaker.resources.passes import Kind, Pass, Passes
from sagehen.services.sagemaker.roles.visitors import Visitors

_NO_INSTANCE = Refused(404, "There is no notebook instance at this address.")
_EXPIRED = Refused(
    403,
    "This presigned URL is not valid any more. Ask for another one: "
    "aws sagemaker create-presigned-notebook-instance-url.",
)
_NO_SESSION = Refused(
    403,
    "You have no session here, or it has ended. A presigned URL opens one: "
    "aws sagemaker create-presigned-notebook-instance-url.",
)
_NO_RIGHT = Refused(403, "Who asked for the presigned URL may not do so any more.")


class Doorkeeper:
    """Implements `NotebookEntrance`.

    Args:
        clock: The machine's.
    """

    def __init__(
        self,
        *,
        records: NotebookRecords,
        passes: Passes,
        loops: NotebookLoops,
        authorizer: Authorizer,
        roles: Roles,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._records = records
        self._passes = passes
        self._loops = loops
        self._visitors = Visitors(authorizer, roles, clock)
        self._clock = clock
        self._ids = ids

    async def open(self, place: Place, token: str, visitor: Visitor) -> Opened | Refused:
        """Take the `authToken` of a presigned URL for a session; see the protocol."""
        found = self._find(place, "url", token, visitor)
        if isinstance(found, Refused):
            return found
        instance, shown = found
        now = self._clock.now()
        session = self._ids.text(TOKEN_LENGTH)
        made = Pass(shown.principal, now + timedelta(seconds=shown.session_s), shown.session_s)
        await self._passes.add(instance.volume_id, "session", session, made, now)
        return Opened(session, shown.session_s)

    async def admit(self, place: Place, session: str, visitor: Visitor) -> Admitted | Refused:
        """Tell whether the bearer of a session may pass now; see the protocol."""
        found = self._find(place, "session", session, visitor)
        if isinstance(found, Refused):
            return found
        instance, shown = found
        server = self._loops.server(instance) if instance.status == "InService" else None
        if server is None:
            status = "starting again" if instance.status == "InService" else instance.status
            return Refused(503, f"The notebook instance {instance.name} is {status}.")
        left = (shown.expires_at - self._clock.now()).total_seconds()
        return Admitted(server, base_path(place.region, place.label), left)

    def _find(
        self, place: Place, kind: Kind, text: str, visitor: Visitor
    ) -> tuple[NotebookInstance, Pass] | Refused:
        instance = self._records.at(place.region, place.label)
        if instance is None:
            return _NO_INSTANCE
        shown = self._passes.find(instance.volume_id, kind, text, self._clock.now())
        if shown is None:
            return _EXPIRED if kind == "url" else _NO_SESSION
        if not self._has_right(instance, shown.principal, visitor):
            return _NO_RIGHT
        return instance, shown

    def _has_right(self, instance: NotebookInstance, principal: Principal, visitor: Visitor) -> bool:
        """Tell whether the principal might ask for a URL now, from there.

        Documented: "IAM authorization policies for this API are also enforced for every HTTP request and
        WebSocket frame that attempts to connect to the notebook instance."
        """
        access = Access("sagemaker:CreatePresignedNotebookInstanceUrl", instance.arn)
        return self._visitors.may(
            principal,
            access,
            instance.scope.region,
            source_ip=visitor.source_ip,
            secure=visitor.secure,
        )
