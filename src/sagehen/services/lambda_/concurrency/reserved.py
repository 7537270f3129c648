"""Reserved concurrency and the account's limits."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.concurrency.counting import Shares
from sagehen.concurrency.limits import Limits
from sagehen.services.lambda_.code.archives import UNZIPPED_BYTES, ZIPPED_BYTES
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords
from sagehen.services.lambda_.concurrency.room import check_reservation
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.names import LATEST, FunctionReference, on_function, reference_of
from sagehen.services.lambda_.storage.quota import CodeQuota


class ReservedConcurrency:
    """PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency, GetAccountSettings."""

    def __init__(
        self, *, concurrency: ConcurrencyRecords, records: FunctionRecords, quota: CodeQuota, limits: Limits
    ) -> None:
        self._concurrency = concurrency
        self._records = records
        self._quota = quota
        self._limits = limits

    @operation("PutFunctionConcurrency", access=on_function())
    async def put_function_concurrency(self, context: RequestContext, request: Request) -> Request:
        """Reserve concurrency for a function: its floor and its ceiling; 0 stops it.

        Raises:
            ResourceNotFoundException, InvalidParameterValueException.
        """
        reference = _unqualified(context, request)
        # Recorded: the one operation that names $LATEST where there is no function.
        self._records.require_function(reference.qualified(LATEST))
        wanted: int = request["ReservedConcurrentExecutions"]
        limits = self._limits

        def check(shares: Shares) -> None:
            check_reservation(shares, limits, reference.name, wanted)

        await self._concurrency.set_reserved(reference, wanted, check)
        return {"ReservedConcurrentExecutions": wanted}

    @operation("GetFunctionConcurrency", access=on_function())
    async def get_function_concurrency(self, context: RequestContext, request: Request) -> Request:
        """Tell what a function has reserved; nothing at all where it shares the unreserved pool."""
        record = self._records.require_function(_unqualified(context, request))
        return {"ReservedConcurrentExecutions": record.reserved}

    @operation("DeleteFunctionConcurrency", access=on_function())
    async def delete_function_concurrency(self, context: RequestContext, request: Request) -> Reply:
        """Give a reservation back; one that is not there is no fault."""
        reference = _unqualified(context, request)
        self._records.require_function(reference)
        await self._concurrency.set_reserved(reference, None, lambda shares: None)
        return Reply({}, status=204)

    @operation("GetAccountSettings")
    async def get_account_settings(self, context: RequestContext, request: Request) -> Request:
        """Tell limits and usage of the caller's account in this region; Unreserved... is what no function
        reserves."""
        shares = self._concurrency.shares(context.scope)
        code_bytes, functions = self._quota.usage(context.scope)
        limits = self._limits
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


def _unqualified(context: RequestContext, request: Request) -> FunctionReference:
    """Return the function that a request names; its versions and aliases reserve nothing.

    Raises:
        InvalidParameterValueException: Recorded of PutFunctionConcurrency; from memory, of its siblings.
    """
    reference = reference_of(context, request)
    if reference.qualifier:
        raise InvalidParameterValueException(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support "
            "this operation. Please specify either a function name or an unqualified function ARN."
        )
    return reference
