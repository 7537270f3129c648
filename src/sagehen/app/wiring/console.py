"""The console's documents: of the platform itself, and of what the services tell of themselves."""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.app.wiring.rooms import Rooms
from sagehen.console.documents.called import Called
from sagehen.console.documents.refusals import Refusals
from sagehen.gateway.pages.console.documents import Document


def documents(rooms: Rooms) -> Mapping[str, Document]:
    """Return the documents by name."""
    journal = rooms.iam.access_journal
    return {
        "refusals": Document("ListRefusals", Refusals(journal)),
        "called": Document("ListCalledActions", Called(journal)),
    }
