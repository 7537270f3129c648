"""InsightsAssembly: queries and their definitions, put together."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.groups.records import GroupRecords
from sagehen.services.logs.insights.definitions.operations import QueryDefinitions
from sagehen.services.logs.insights.definitions.records import DefinitionRecords
from sagehen.services.logs.insights.queries.operations import Queries
from sagehen.services.logs.insights.queries.record_lookup import LogRecords
from sagehen.services.logs.insights.queries.records import QueryRecords
from sagehen.services.logs.insights.queries.scanning import Scanner
from sagehen.services.logs.insights.queries.turns import Turns
from sagehen.services.logs.streams.records import StreamRecords
from sagehen.store.database import Database


class InsightsAssembly:
    """Everything about Logs Insights.

    Args:
        database: Where queries and definitions are stored, in tables that are there.
        groups, streams, events: What queries look at.
        clock: Stamps what is made, and says what is too old.
        ids: Draws the ids of queries and definitions.

    Attributes:
        turns: Runs queries; lives with the service.
        owners: What serves operations, for `api.Service`.
    """

    def __init__(
        self,
        database: Database,
        groups: GroupRecords,
        streams: StreamRecords,
        events: EventRecords,
        clock: Clock,
        ids: Ids,
    ) -> None:
        records, scanner = QueryRecords(database), Scanner(streams, events)
        self.turns = Turns(database, groups, scanner, records, clock)
        self.owners = (
            Queries(groups, records, self.turns, clock, ids),
            QueryDefinitions(DefinitionRecords(database), clock, ids),
            LogRecords(groups, streams, events, scanner, clock),
        )
