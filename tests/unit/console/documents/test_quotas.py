"""Quotas: by the services' own figures, used as far as who asks may see."""

from __future__ import annotations

from sagehen.console.documents.quotas import quotas
from sagehen.services.ec2.network.vpcs import MOST_VPCS

from .asked import DENIED, Table

ANSWERS = {
    "ec2:DescribeVpcs": {"Vpcs": [{}, {}]},
    "ec2:DescribeSpotInstanceRequests": {"SpotInstanceRequests": [{"State": "open"}, {"State": "closed"}]},
    "ec2:DescribeVolumes": DENIED,
    "lambda:GetAccountSettings": {
        "AccountLimit": {
            "ConcurrentExecutions": 1000,
            "UnreservedConcurrentExecutions": 900,
            "TotalCodeSize": 1 << 30,
        },
        "AccountUsage": {"TotalCodeSize": 5000},
    },
}


async def test_what_there_may_be_and_is() -> None:
    document = await quotas(Table(ANSWERS), {})
    found = {(one["service"], one["name"]): (one["used"], one["limit"]) for one in document["quotas"]}
    assert len(found) == len(document["quotas"])
    assert found["ec2", "VPCs"] == (2, MOST_VPCS)
    assert found["ec2", "Spot requests, open or active"] == (1, 100)
    assert found["ec2", "Volumes"][0] is None and document["hidden"] == ["ec2:DescribeVolumes"]
    assert found["lambda", "Code of all functions and layers"] == (5000, 1 << 30)
    assert found["lambda", "Concurrent executions; used: reserved ones"] == (100, 1000)
    assert len((await quotas(Table({}), {}))["quotas"]) == len(document["quotas"]) - 2
