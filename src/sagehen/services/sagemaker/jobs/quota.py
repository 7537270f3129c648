"""Quotas of jobs: how many instances of a type an account's jobs of a kind may have at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.jobs.job import Job
from sagehen.services.sagemaker.jobs.records import JobRecords
from sagehen.store.database import Transaction

J = TypeVar("J", bound=Job)


def within(
    supply: Supply, records: JobRecords[J], usage: str, job: J
) -> Callable[[Transaction], None] | None:
    """Return what must hold in the transaction that stores a job; None where its type has no quota.

    It raises ResourceLimitExceeded. What is offered is read here: the writer's thread reads no other table.

    Args:
        usage: One of `quotas`.
    """
    offer = supply.limited((job.instance_type,)).get(job.instance_type)
    if offer is None:
        return None

    def require(tx: Transaction) -> None:
        active = records.active(tx, job.scope)
        used = sum(len(other.hosts) for other in active if other.instance_type == job.instance_type)
        quotas.require(offer, usage, used, len(job.hosts))

    return require
