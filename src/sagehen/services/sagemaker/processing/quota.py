"""Quotas of processing jobs: how many instances of a type an account's jobs may have at once."""

from __future__ import annotations

from collections import Counter

from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.instances.supply.offer import Offer
from sagehen.services.sagemaker.jobs.records import JobRecords
from sagehen.services.sagemaker.processing.job import ProcessingJob
from sagehen.store.database import Transaction


def require(tx: Transaction, records: JobRecords[ProcessingJob], offer: Offer, job: ProcessingJob) -> None:
    """Check, within the transaction that is to store a job, that its account may have its instances.

    Raises:
        ResourceLimitExceeded
    """
    used: Counter[str] = Counter()
    for request in records.active_requests(lambda sql, values: tx.execute(sql, values).fetchall(), job.scope):
        cluster = request["ProcessingResources"]["ClusterConfig"]
        used[cluster["InstanceType"]] += cluster.get("InstanceCount", 1)
    quotas.require(offer, quotas.PROCESSING, used[job.instance_type], len(job.hosts))
