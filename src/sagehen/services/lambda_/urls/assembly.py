"""What function URLs are made of."""

from __future__ import annotations

from sagehen.services.lambda_.functions.assembly import FunctionRoom
from sagehen.services.lambda_.invocations.assembly import InvocationRoom
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.services.lambda_.urls.addresses import UrlAddresses
from sagehen.services.lambda_.urls.data_plane import UrlDataPlane
from sagehen.services.lambda_.urls.operations import FunctionUrls
from sagehen.services.lambda_.urls.records import UrlRecords


class UrlRoom:
    """Function URLs; `data_plane` is what the front door asks."""

    def __init__(
        self, premises: Premises, tables: Tables, functions: FunctionRoom, invocations: InvocationRoom
    ) -> None:
        records = UrlRecords(tables)
        self.data_plane = UrlDataPlane(
            urls=records,
            runner=invocations.runner,
            streaming=invocations.streaming,
            authorizer=premises.authorizer,
            metrics=invocations.metrics,
            ids=premises.ids,
        )
        self.operations: tuple[object, ...] = (
            FunctionUrls(
                urls=records,
                records=functions.records,
                addresses=UrlAddresses(premises.resolve),
                clock=premises.clock,
                ids=premises.ids,
            ),
        )
