"""RecursionGuard: stops the 17th run of a function in one chain of requests, as AWS does.

A chain is known by its trace header, which SDKs hand on from inside of functions: to Invoke, synchronous or
not, and to S3, whose notifications bring it back; destinations hand it on themselves. What AWS does not
follow (function URLs, APIs, log subscriptions) is not followed here: where each waits for the next, such a
loop ends where the account's concurrency does.
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

from __future__ import annotations

import time

from sagehen.domain.ids import Ids
from sagehen.services.lambda_.errors import RecursiveInvocationException
from sagehen.services.lambda_.functions.recursion.records import RecursionRecords
from sagehen.services.lambda_.invocations.metrics import InvocationMetrics
from sagehen.services.lambda_.names import FunctionReference
from sagehen.services.lambda_.traces import read_trace

# Documented: "approximately 16 times"; the next one is stopped.
_MOST_RUNS = 16


class RecursionGuard:
    """Looks at each invocation before it takes any concurrency.

    Args:
        records: What functions say of loops.
        metrics: Is told of those that are stopped.
        ids: Draws roots and parents of traces.
    """

    def __init__(self, records: RecursionRecords, metrics: InvocationMetrics, ids: Ids) -> None:
        self._records = records
        self._metrics = metrics
        self._ids = ids

    def entered(self, reference: FunctionReference, trace_header: str | None) -> str:
        """Return the trace header that the function is to see: with this run counted.

        Raises:
            RecursiveInvocationException: It ran 16 times in this chain, and is not allowed to.
        """
        trace, arn = read_trace(trace_header), reference.unqualified_arn
        if trace.times(arn) >= _MOST_RUNS and self._records.recursive_loop(reference) == "Terminate":
            self._metrics.recursion_stopped(reference)
            raise RecursiveInvocationException()
        return trace.with_run(arn).header(self._ids.hex, time.time())
