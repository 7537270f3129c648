"""Reserved concurrency and the account's limits."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.services.lambda_.code.store import UNZIPPED_BYTES, ZIPPED_BYTES
from sagehen.services.lambda_.concurrency.counting import Shares
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.functions.state import Resource
from sagehen.services.lambda_.names import LATEST, on_function, reference_of


class Concurrency(Resource):
    """PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency, GetAccountSettings."""

    @operation("PutFunctionConcurrency", access=on_function())
    async def put_function_concurrency(self, context: RequestContext, request: Request) -> Request:
        """Reserve concurrency for a function: its floor and its ceiling; 0 stops it.

        Raises:
            ResourceNotFoundException, InvalidParameterValueException.
        """
        reference = reference_of(context, request)
        if reference.qualifier:
            raise InvalidParameterValueException(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support "
                "this operation. Please specify either a function name or an unqualified function ARN."
            )
        # Recorded: the one operation that names $LATEST where there is no function.
        self.state.records.require_function(reference.qualified(LATEST))
        wanted: int = request["ReservedConcurrentExecutions"]
        limits = self.state.limits

        def check(shares: Shares) -> None:
            provisioned = shares.provisioned.get(reference.name, 0)
            if wanted < provisioned:
                raise InvalidParameterValueException(
                    # The spaces are AWS's.
                    f" ReservedConcurrentExecutions  {wanted} should not be lower than function's total "
                    f"provisioned concurrency [{provisioned}].",
                    untyped=True,
                )
            if shares.unreserved(limits, without=reference.name) - wanted < limits.minimum_unreserved:
                raise InvalidParameterValueException(
                    "Specified ReservedConcurrentExecutions for function decreases account's "
                    f"UnreservedConcurrentExecution below its minimum value of "
                    f"[{limits.minimum_unreserved}].",
                    untyped=True,
                )

        await self.state.concurrency.set_reserved(reference, wanted, check)
        return {"ReservedConcurrentExecutions": wanted}

    @operation("GetFunctionConcurrency", access=on_function())
    async def get_function_concurrency(self, context: RequestContext, request: Request) -> Request:
        record = self.state.records.require_function(reference_of(context, request))
        return {"ReservedConcurrentExecutions": record.reserved}

    @operation("DeleteFunctionConcurrency", access=on_function())
    async def delete_function_concurrency(self, context: RequestContext, request: Request) -> Reply:
        reference = reference_of(context, request)
        self.state.records.require_function(reference)
        await self.state.concurrency.set_reserved(reference, None, lambda shares: None)
        return Reply({}, status=204)

    @operation("GetAccountSettings")
    async def get_account_settings(self, context: RequestContext, request: Request) -> Request:
        shares = self.state.concurrency.shares(context.scope)
        code_bytes, functions = self.state.records.usage(context.scope)
        limits = self.state.limits
        return {
            "AccountLimit": {
                "TotalCodeSize": limits.code_bytes,
                "CodeSizeUnzipped": UNZIPPED_BYTES,
                "CodeSizeZipped": ZIPPED_BYTES,
                "ConcurrentExecutions": limits.concurrency,
                "UnreservedConcurrentExecutions": shares.unreserved(limits),
            },
            "AccountUsage": {"TotalCodeSize": code_bytes, "FunctionCount": functions},
        }
