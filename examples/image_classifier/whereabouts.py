"""What ran where, as the logs of jobs and endpoints tell it where there is more than one machine."""

from __future__ import annotations

import re
from collections import Counter

from examples.image_classifier.endpoints import GROUP as ENDPOINTS
from examples.image_classifier.story import Story
from examples.image_classifier.training import GROUP as JOBS

_LINE = re.compile(r"^sagehen: .* runs on (the platform's own machine|node-\S+)")


def of_job(story: Story, name: str) -> Counter[str]:
    """Count a job's instances, or those of all jobs whose names begin so, on each machine."""
    return _count(story, JOBS, name)


def of_endpoint(story: Story, name: str) -> Counter[str]:
    """Count an endpoint's instances on each machine."""
    return _count(story, ENDPOINTS.format(name))


def text(counts: Counter[str]) -> str:
    """Return the counts for people, as `2 on node-0123456789ab, 1 on the platform's own machine`."""
    return ", ".join(f"{count} on {machine}" for machine, count in sorted(counts.items()))


def _count(story: Story, group: str, prefix: str = "") -> Counter[str]:
    logs = story.client("logs")
    streams = {"logStreamNamePrefix": prefix} if prefix else {}
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern='"runs on"', **streams
    )
    lines = (_LINE.match(event["message"]) for page in pages for event in page["events"])
    return Counter(line[1] for line in lines if line)
