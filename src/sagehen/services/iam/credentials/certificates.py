"""Certificates and SSH keys: nothing takes any here (uploads answer 501), so that there are none to list.

Tools ask for the lists before they delete a user.
"""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.iam.entities.access import on_entity
from sagehen.services.iam.entities.calling_user import named_or_calling_user
from sagehen.services.iam.entities.entity import Kind
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.records import Records


class Certificates:
    """The three listings, each empty; those of a user still ask for the user."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @operation("ListSigningCertificates", access=on_entity(Kind.USER))
    async def list_signing_certificates(self, context: RequestContext, request: Request) -> dict[str, Any]:
        named_or_calling_user(self.records, context, request)
        return answer(cut((), request, str, "signing certificates"), Certificates=[])

    @operation("ListSSHPublicKeys", access=on_entity(Kind.USER))
    async def list_ssh_public_keys(self, context: RequestContext, request: Request) -> dict[str, Any]:
        named_or_calling_user(self.records, context, request)
        return answer(cut((), request, str, "ssh public keys"), SSHPublicKeys=[])

    @operation("ListServerCertificates")
    async def list_server_certificates(self, context: RequestContext, request: Request) -> dict[str, Any]:
        page = cut((), request, str, "server certificates")
        return answer(page, ServerCertificateMetadataList=[])
