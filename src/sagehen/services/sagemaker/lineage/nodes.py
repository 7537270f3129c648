"""Nodes: whatever an association can begin or end at, by its ARN: entities of lineage, and of experiments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.experiments import entity as tracked
from sagehen.services.sagemaker.experiments.records import ExperimentRecords
from sagehen.services.sagemaker.experiments.sources import SourceRecords
from sagehen.services.sagemaker.lineage import errors
from sagehen.services.sagemaker.lineage.entity import KINDS
from sagehen.services.sagemaker.lineage.records import LineageRecords
from sagehen.store.database import Database

_KINDS = {kind.resource: kind for kind in KINDS}
_TRACKED = {kind.resource: kind for kind in (tracked.EXPERIMENT, tracked.COMPONENT)}


@dataclass(frozen=True, slots=True)
class Node:
    """One.

    Args:
        word: `Artifact`, `Action`, `Context`, `TrialComponent`, `Experiment`: its LineageType.
        type: What associations tell: `DataSet`, `SageMakerTrainingJob`; '' where it has none.
        name: What it is called; None of an artifact without a name.
        properties: What a query can ask for.
    """

    arn: str
    word: str
    type: str
    name: str | None
    created_at: datetime
    modified_at: datetime
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_experimental(self) -> bool:
        """Whether it is of experiments: no two of them are associated (documented)."""
        return self.word in ("TrialComponent", "Experiment")

    @property
    def vertex_type(self) -> str:
        """What queries tell: `TrainingJob`, where associations tell `SageMakerTrainingJob`."""
        return self.type.removeprefix("SageMaker") if self.is_experimental else self.type


class Nodes:
    """Finds them."""

    def __init__(self, database: Database) -> None:
        self._lineage = LineageRecords(database)
        self._experiments = ExperimentRecords(database)
        self._sources = SourceRecords(database)

    def require(self, scope: Scope, arn: str) -> Node:
        """Return a node.

        Raises:
            ResourceNotFound: There is none, or it is another account's: nothing is shared without RAM.
        """
        if (node := self.find(scope, arn)) is None:
            raise errors.no_such_entity(arn)
        return node

    def find(self, scope: Scope, arn: str) -> Node | None:
        """Return a node, or None."""
        parsed = Arn.parse(arn)
        if (parsed.account_id, parsed.region) != (scope.account_id, scope.region):
            return None
        kind, _, name = parsed.resource.partition("/")
        if kind in _KINDS:
            found = self._lineage.find(_KINDS[kind], scope, name)
            if found is None:
                return None
            properties = found.members.get("Properties") or {}
            return Node(
                found.arn, found.kind.word, found.type, found.shown_name, found.created_at,
                found.modified_at, properties,
            )  # fmt: skip
        if kind not in _TRACKED:
            return None
        entity = self._experiments.lowered(_TRACKED[kind], scope, name)
        if entity is None:
            return None
        source = self._sources.of(entity).get("Source") or {}
        return Node(
            entity.arn, entity.kind.word, source.get("SourceType", ""), entity.name, entity.created_at,
            entity.modified_at,
        )  # fmt: skip
