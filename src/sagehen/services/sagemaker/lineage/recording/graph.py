"""Graph: makes entities and associations for the platform, within a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.lineage import rows
from sagehen.services.sagemaker.lineage.entity import ARTIFACT, Entity, Kind, artifact_name
from sagehen.services.sagemaker.lineage.rows import Association
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.store.database import Transaction

# Documented: CreateArtifact's model, SourceUri.
_URI_CHARACTERS = 2048


class Graph:
    """Makes what there is not yet.

    Args:
        at: In seconds since the epoch.
    """

    def __init__(self, tx: Transaction, scope: Scope, at: float) -> None:
        self._tx = tx
        self._scope = scope
        self._at = at

    def artifact(self, kind: str, uri: str) -> Entity | None:
        """Return the artifact of a URI; None where it is none that an artifact can have."""
        source = {"SourceUri": uri}
        if not 0 < len(uri) <= _URI_CHARACTERS:
            return None
        return self._ensure(ARTIFACT, artifact_name(source), kind, source, {})

    def named(
        self, kind: Kind, name: str, kind_of: str, source: Mapping[str, str], members: Mapping[str, Any]
    ) -> Entity:
        """Return an action or a context of a name."""
        return self._ensure(kind, name, kind_of, source, members)

    def _ensure(
        self, kind: Kind, name: str, kind_of: str, source: Mapping[str, str], members: Mapping[str, Any]
    ) -> Entity:
        now = moment(self._at)
        made = {**members, "CreatedBy": {}}
        return rows.ensure(self._tx, Entity(kind, self._scope, name, now, now, kind_of, source, True, made))

    def associate(
        self, source: tuple[str, str] | Entity | None, destination: tuple[str, str] | Entity | None, kind: str
    ) -> None:
        """Associate two, each an entity or (ARN, type); what is None is in no association."""
        if source is None or destination is None:
            return
        ends = [(each.arn, each.type) if isinstance(each, Entity) else each for each in (source, destination)]
        if ends[0][0] == ends[1][0]:
            return
        rows.associate(
            self._tx,
            Association(
                self._scope, ends[0][0], ends[1][0], ends[0][1], ends[1][1], kind, self._at, True, {}
            ),
        )
