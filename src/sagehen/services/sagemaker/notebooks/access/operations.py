"""CreatePresignedNotebookInstanceUrl."""

from __future__ import annotations

from datetime import timedelta

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.sagemaker.notebooks.addresses import address
from sagehen.services.sagemaker.notebooks.records import NotebookRecords, no_instance
from sagehen.services.sagemaker.resources.passes import Pass, Passes

# Documented: "valid only for 5 minutes".
_URL_S = 300
# Documented: "The default is 12 hours."
_SESSION_S = 43_200
# 380 bits.
TOKEN_LENGTH = 64


class PresignedUrls:
    """CreatePresignedNotebookInstanceUrl.

    Args:
        records: The instances.
        passes: Where URLs are kept.
        clock: The machine's: a person clicks in its time.
        ids: Source of tokens.
    """

    def __init__(self, records: NotebookRecords, passes: Passes, clock: Clock, ids: Ids) -> None:
        self._records = records
        self._passes = passes
        self._clock = clock
        self._ids = ids

    @operation(
        "CreatePresignedNotebookInstanceUrl",
        access=on("notebook-instance/{NotebookInstanceName}", lower=True),
    )
    async def create_presigned_url(self, context: RequestContext, request: Request) -> Request:
        """Return a URL that opens JupyterLab for five minutes, as often as it is used; sessions live longer.

        Raises:
            ValidationException: There is none of that name, or it is not InService.
        """
        instance = self._records.get(context.scope, request["NotebookInstanceName"])
        if instance is None:
            raise no_instance()
        if instance.status != "InService":
            # In the form of the other operations' words; that AWS refuses is from memory.
            raise ValidationException(
                f"Status ({instance.status}) not in ([InService]). Unable to create a presigned URL for "
                f"Notebook Instance ({instance.arn})."
            )
        token, now = self._ids.text(TOKEN_LENGTH), self._clock.now()
        session_s = request.get("SessionExpirationDurationInSeconds") or _SESSION_S
        made = Pass(context.principal, now + timedelta(seconds=_URL_S), session_s)
        await self._passes.add(instance.volume_id, "url", token, made, now)
        url = address(
            instance.label,
            instance.scope.region,
            host=context.host,
            secure=context.secure,
            from_sandbox=context.from_sandbox,
        )
        return {"AuthorizedUrl": f"{url}?authToken={token}"}
