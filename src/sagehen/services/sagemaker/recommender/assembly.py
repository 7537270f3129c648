"""The room of Inference Recommender, put together."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.ports.calls.late_calls import LateCalls
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.recommender.operations import RecommendationJobs
from sagehen.services.sagemaker.recommender.records import RecommendationRecords
from sagehen.services.sagemaker.recommender.run import Tools
from sagehen.services.sagemaker.recommender.runs import RecommendationRuns
from sagehen.services.sagemaker.recommender.schema import MIGRATIONS
from sagehen.serving.directory import EndpointDirectory
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class RecommenderParts:
    """What the service needs of it.

    Args:
        calls: Is told of the front door, as its `calls`.
    """

    operations: RecommendationJobs
    runs: RecommendationRuns
    calls: LateCalls


def recommender_parts(database: Database, means: Means, directory: EndpointDirectory) -> RecommenderParts:
    """Make the table, the operations, and what goes on by itself.

    Args:
        means: Its folder is this room's own.
        directory: Where endpoints are asked.
    """
    database.migrate("sagemaker_recommender", MIGRATIONS)
    records, calls = RecommendationRecords(database), LateCalls()
    runs = RecommendationRuns(
        Tools(records, means.clock, means.roles, means.objects, means.folder, directory, calls, means.logs)
    )
    return RecommenderParts(RecommendationJobs(records, runs, means.clock, means.roles), runs, calls)
