"""What DescribeEndpoint says of variants while something changes, as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.description import describe
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def deployment(generation: int, count: int) -> Deployment:
    variant = EndpointVariant("a", "m", "t", count, 2.0, "image", "r")
    return Deployment(generation, f"config-{generation}", NOW.timestamp(), (variant,))


@pytest.mark.parametrize(
    ("status", "live", "pending", "step", "ready", "config", "variant_status", "pending_status"),
    [
        ("Creating", None, 2, 0, 1, "config-2", "Creating", None),
        ("InService", 2, None, 0, 2, "config-1", None, None),
        ("InService", 2, None, 0, 1, "config-1", None, None),  # one is being replaced
        ("Updating", 2, None, 0, 1, "config-1", "Updating", None),  # scaled
        ("Updating", 2, None, 0, 2, "config-1", None, None),
        ("Updating", 2, 2, 0, 2, "config-1", None, "Creating"),
        ("Updating", 2, 2, 1, 2, "config-1", None, "Baking"),
        ("Updating", 2, 2, 0, 1, "config-1", None, "Creating"),
        ("Failed", None, 2, 0, 0, "config-2", None, None),
        ("Deleting", 2, None, 0, 2, "config-1", "Deleting", None),
    ],
)
def test_what_is_shown(
    status: str, live: int | None, pending: int | None, step: int, ready: int,
    config: str, variant_status: str | None, pending_status: str | None,
) -> None:  # fmt: skip
    endpoint = Endpoint(
        Scope("1", "r"), "e", status, NOW, NOW,
        live=deployment(1, live) if live else None,
        pending=deployment(2, pending) if pending else None,
        rollout_step=step, rollout_at=NOW.timestamp(),
    )  # fmt: skip
    described = describe(endpoint, {"a": ready}, {"a": 1})
    assert described["EndpointConfigName"] == config
    (variant,) = described["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (ready, 2)
    assert _status(variant) == variant_status
    summary = described.get("PendingDeploymentSummary")
    assert (None if summary is None else _status(summary["ProductionVariants"][0])) == pending_status


@pytest.mark.parametrize(
    ("status", "ready", "shown"),
    [("Creating", 0, "image"), ("Creating", 1, "image@sha256:1"), ("Failed", 0, "image")],
)
def test_a_digest_is_shown_once_an_instance_was_let_pull_it(status: str, ready: int, shown: str) -> None:
    made = deployment(1, 1)
    made = made.with_variant(replace(made.variants[0], resolved_image="image@sha256:1"))
    endpoint = Endpoint(Scope("1", "r"), "e", status, NOW, NOW, live=None, pending=made)
    (variant,) = describe(endpoint, {"a": ready}, {})["ProductionVariants"]
    assert variant["DeployedImages"][0]["ResolvedImage"] == shown
    live = replace(endpoint, status="InService", live=made, pending=None)
    (variant,) = describe(live, {"a": 0}, {})["ProductionVariants"]
    assert variant["DeployedImages"][0]["ResolvedImage"] == "image@sha256:1"


@pytest.mark.parametrize(
    ("status", "live", "config", "capture"),
    [
        ("InService", True, {}, "Started"),
        ("InService", True, {"EnableCapture": False}, "Stopped"),
        ("Creating", False, {}, "Stopped"),
        ("Deleting", True, {"EnableCapture": True}, "Stopped"),
    ],
)
def test_what_is_shown_of_capture_shadows_and_asynchronous_endpoints(
    status: str, live: bool, config: Any, capture: str
) -> None:
    one = deployment(1, 1)
    shadow = replace(one.variants[0], name="s", shadow=True)
    config = {"InitialSamplingPercentage": 9, "DestinationS3Uri": "s3://b", **config}
    one = replace(one, variants=(*one.variants, shadow), data_capture=config, asynchronous={"A": 1})
    endpoint = Endpoint(
        Scope("1", "r"), "e", status, NOW, NOW, live=one if live else None, pending=None if live else one
    )
    described = describe(endpoint, {}, {})
    assert [v["VariantName"] for v in described["ProductionVariants"]] == ["a"]
    assert [v["VariantName"] for v in described["ShadowProductionVariants"]] == ["s"]
    assert described["AsyncInferenceConfig"] == {"A": 1}
    assert described["DataCaptureConfig"] == {
        "EnableCapture": config.get("EnableCapture") is not False,
        "CaptureStatus": capture,
        "CurrentSamplingPercentage": 9,
        "DestinationS3Uri": "s3://b",
        "KmsKeyId": "",
    }


def _status(variant: Any) -> str | None:
    return variant["VariantStatus"][0]["Status"] if "VariantStatus" in variant else None
