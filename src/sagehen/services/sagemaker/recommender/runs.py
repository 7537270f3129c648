"""Runs: the jobs that go on, from their start or a restart to their end."""

from __future__ import annotations

from sagehen.services.sagemaker.recommender.job import RecommendationJob
from sagehen.services.sagemaker.recommender.run import RecommendationRun, Tools
from sagehen.services.sagemaker.resources.ongoing import Ongoing


class RecommendationRuns(Ongoing[RecommendationRun]):
    """A task for each job."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools = tools

    def start(self, job: RecommendationJob) -> None:
        """Go on with a job."""
        run = RecommendationRun(self._tools, job)
        self.begin(job.arn, run, run.carry_out(), f"recommend {job.name}")

    def recover(self) -> None:
        """Take up the jobs of an earlier life; a benchmark that was cut off is run again."""
        for job in self._tools.records.unfinished():
            self.start(job)
