"""PutFunctionRecursionConfig, GetFunctionRecursionConfig."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.functions.recursion.records import RecursionRecords
from sagehen.services.lambda_.names import on_function, reference_of


class RecursionConfigs:
    """What becomes of a function that is found in a loop."""

    def __init__(self, recursion: RecursionRecords, records: FunctionRecords) -> None:
        self._recursion = recursion
        self._records = records

    @operation("PutFunctionRecursionConfig", access=on_function())
    async def put_function_recursion_config(self, context: RequestContext, request: Request) -> Request:
        """Let a function run in loops, or have it stopped.

        Raises:
            ResourceNotFoundException.
        """
        await self._recursion.put(reference_of(context, request), request["RecursiveLoop"])
        return {"RecursiveLoop": request["RecursiveLoop"]}

    @operation("GetFunctionRecursionConfig", access=on_function())
    async def get_function_recursion_config(self, context: RequestContext, request: Request) -> Request:
        """Tell which; `Terminate` by default.

        Raises:
            ResourceNotFoundException.
        """
        reference = reference_of(context, request)
        self._records.require_function(reference)
        return {"RecursiveLoop": self._recursion.recursive_loop(reference)}
