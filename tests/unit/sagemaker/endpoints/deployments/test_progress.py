"""What is shown of an update: fleets, shares, steps."""

from __future__ import annotations

from dataclasses import replace

from sagehen.services.sagemaker.endpoints.changes import advanced, promoted, rolled_back
from sagehen.services.sagemaker.endpoints.deployments.progress import progress
from tests.unit.sagemaker.endpoints.deployments.test_rollout import START, Simulation, rolling, traffic

CANARY = traffic("CANARY", CanarySize={"Type": "CAPACITY_PERCENT", "Value": 25})
OLD, NEW = [(1, "a", "ready")] * 4, [(2, "a", "ready")] * 3 + [(2, "a", "starting")]


def test_a_canary_bakes() -> None:
    endpoint = advanced(Simulation(4, CANARY).endpoint, 1, START + 5)
    seen = progress(endpoint, OLD + NEW, START + 6)
    assert [(fleet.part, fleet.share) for fleet in seen.fleets] == [("live", 0.75), ("pending", 0.25)]
    assert [fleet.variants[0]["states"] for fleet in seen.fleets] == [
        {"ready": 4},
        {"ready": 3, "starting": 1},
    ]
    assert seen.schedule is not None
    assert (seen.schedule.shares, seen.schedule.step, seen.schedule.until) == ((0.25, 1.0), 1, START + 105)


def test_what_is_left_after_the_switch_goes() -> None:
    endpoint = promoted(Simulation(4, CANARY).endpoint)
    seen = progress(endpoint, [(1, "a", "stopping"), *NEW], START)
    assert seen.schedule is None
    assert [(fleet.part, fleet.share) for fleet in seen.fleets] == [("live", 1.0), ("leaving", 0.0)]


def test_a_rolling_update_that_was_given_up_serves_its_share_while_it_leaves() -> None:
    endpoint = rolled_back(advanced(Simulation(4, rolling(2)).endpoint, 1, START), "an alarm")
    seen = progress(endpoint, [], START)
    assert [(fleet.part, fleet.share) for fleet in seen.fleets] == [("live", 0.5), ("leaving", 0.5)]


def test_a_first_deployment_has_nobody_beside_it() -> None:
    endpoint = replace(Simulation(2, CANARY).endpoint, live=None)
    seen = progress(endpoint, [], START)
    assert [(fleet.part, fleet.variants[0]["wanted"]) for fleet in seen.fleets] == [("pending", 2)]
