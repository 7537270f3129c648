"""Experiments, trials and trial components, as Search tells them."""

from __future__ import annotations

from functools import partial
from typing import Any

from sagehen.services.sagemaker.experiments.entity import COMPONENT, EXPERIMENT, TRIAL, Entity, describe
from sagehen.services.sagemaker.experiments.records import ExperimentRecords
from sagehen.services.sagemaker.experiments.told import Told
from sagehen.services.sagemaker.search.document import Document
from sagehen.services.sagemaker.search.source import NAME, TIMES
from sagehen.services.sagemaker.searchable.found import Found
from sagehen.store.database import Database

_KINDS = {
    "Experiment": (EXPERIMENT, {"ExperimentName": NAME}),
    "ExperimentTrial": (TRIAL, {"TrialName": NAME, "ExperimentName": "ExperimentName"}),
    "ExperimentTrialComponent": (
        COMPONENT,
        {
            "TrialComponentName": NAME,
            "Parents.ExperimentName": "ExperimentName",
            "Parents.TrialName": "TrialName",
        },
    ),
}


def found(database: Database) -> dict[str, Found[Any]]:
    """Return where each of the three is found."""
    records = ExperimentRecords(database)
    told = partial(_told, records, Told(database))
    return {
        resource: Found(partial(records.page, kind), told, {**TIMES, **columns}, kind=kind.resource)
        for resource, (kind, columns) in _KINDS.items()
    }


def _told(records: ExperimentRecords, told: Told, entity: Entity) -> Document:
    if entity.kind is not COMPONENT:
        return Document(describe(entity))
    return Document(
        {
            entity.kind.name: entity.name,
            "CreationTime": entity.created_at,
            "LastModifiedTime": entity.modified_at,
            "Parameters": entity.members.get("Parameters") or {},
        },
        lambda: told.component(entity),
        {"Parents": lambda: records.parents(entity)},
    )
