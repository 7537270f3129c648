"""Configurations that cannot be put here, and so are truthfully reported as absent or as the default.

Tools such as Terraform read them of every function. What would make one (CreateCodeSigningConfig,
PutRuntimeManagementConfig) is not declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.access import Access
from sagehen.services.lambda_.errors import CodeSigningConfigNotFoundException, ResourceNotFoundException
from sagehen.services.lambda_.functions.descriptions import Descriptions
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.names import LATEST, on_function, reference_of


def _on_signing(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    yield Access(f"lambda:{context.operation}", request["CodeSigningConfigArn"])


def _no_signing(request: Request) -> ResourceNotFoundException:
    return ResourceNotFoundException(
        f"The Lambda code signing configuration {request['CodeSigningConfigArn']} can not be found.",
        untyped=True,
    )


class UnsetConfiguration:
    """Code signing and runtime management: read and deleted, never made."""

    def __init__(self, records: FunctionRecords, descriptions: Descriptions) -> None:
        self._records = records
        self._descriptions = descriptions

    @operation("GetFunctionCodeSigningConfig", access=on_function())
    async def get_function_code_signing_config(self, context: RequestContext, request: Request) -> Request:
        """Tell that a function has none: recorded, with not even its name."""
        self._records.require_function(reference_of(context, request))
        return {}

    @operation("DeleteFunctionCodeSigningConfig", access=on_function())
    async def delete_function_code_signing_config(self, context: RequestContext, request: Request) -> Reply:
        """Succeed: a function has none to lose."""
        self._records.require_function(reference_of(context, request))
        return Reply({}, status=204)

    @operation("PutFunctionCodeSigningConfig", access=on_function())
    async def put_function_code_signing_config(self, context: RequestContext, request: Request) -> Request:
        """Refuse: there is no configuration that could be put."""
        raise CodeSigningConfigNotFoundException(
            # Recorded.
            "The code signing configuration cannot be found. Check that the provided configuration is not "
            f"deleted: {request['CodeSigningConfigArn']}."
        )

    @operation("ListCodeSigningConfigs")
    async def list_code_signing_configs(self, context: RequestContext, request: Request) -> Request:
        return {"CodeSigningConfigs": []}

    @operation("GetCodeSigningConfig", access=_on_signing)
    async def get_code_signing_config(self, context: RequestContext, request: Request) -> Request:
        raise _no_signing(request)

    @operation("UpdateCodeSigningConfig", access=_on_signing)
    async def update_code_signing_config(self, context: RequestContext, request: Request) -> Request:
        raise _no_signing(request)

    @operation("DeleteCodeSigningConfig", access=_on_signing)
    async def delete_code_signing_config(self, context: RequestContext, request: Request) -> Request:
        raise _no_signing(request)

    @operation("ListFunctionsByCodeSigningConfig", access=_on_signing)
    async def list_functions_by_code_signing_config(
        self, context: RequestContext, request: Request
    ) -> Request:
        raise _no_signing(request)

    @operation("GetRuntimeManagementConfig", access=on_function())
    async def get_runtime_management_config(self, context: RequestContext, request: Request) -> Request:
        """Tell Auto, the default: the ARN names the version, `$LATEST` included."""
        reference = reference_of(context, request)
        record = self._descriptions.described(reference)
        arn = record.reference.qualified(reference.qualifier or LATEST).arn
        # The runtime is what this machine has, and changes with it.
        return {"UpdateRuntimeOn": "Auto", "FunctionArn": arn}
