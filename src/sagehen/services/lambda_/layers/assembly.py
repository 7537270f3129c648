"""What layers are made of, and their operations."""

from __future__ import annotations

from sagehen.services.lambda_.code.assembly import CodeRoom
from sagehen.services.lambda_.layers.choice import LayerChoice
from sagehen.services.lambda_.layers.operations import Layers
from sagehen.services.lambda_.layers.policies import LayerPolicies
from sagehen.services.lambda_.layers.records import LayerRecords
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.storage.quota import CodeQuota
from sagehen.services.lambda_.storage.tables import Tables


class LayerRoom:
    """Layers, as the rooms above see them."""

    def __init__(self, premises: Premises, tables: Tables, quota: CodeQuota, code: CodeRoom) -> None:
        self.records = LayerRecords(tables, quota)
        self.choice = LayerChoice(self.records)
        self.operations: tuple[object, ...] = (
            Layers(premises, self.records, code),
            LayerPolicies(premises, self.records),
        )
