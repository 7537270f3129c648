"""Configurations that cannot be put here, and so are truthfully reported as absent or as the default.

Tools such as Terraform read them of every function. Their Put operations are not declared.
"""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.lambda_.names import LATEST, on_function, reference_of
from sagehen.services.lambda_.state import Resource


class UnsetConfiguration(Resource):
    @operation("GetFunctionCodeSigningConfig", access=on_function())
    async def get_function_code_signing_config(self, context: RequestContext, request: Request) -> Request:
        reference = reference_of(context, request)
        self.state.records.require_function(reference)
        return {"FunctionName": reference.name}

    @operation("GetRuntimeManagementConfig", access=on_function())
    async def get_runtime_management_config(self, context: RequestContext, request: Request) -> Request:
        reference = reference_of(context, request)
        record = self.state.described(reference)
        arn = record.reference.qualified(reference.qualifier or LATEST).arn
        # The runtime is what this machine has, and changes with it.
        return {"UpdateRuntimeOn": "Auto", "FunctionArn": arn}
