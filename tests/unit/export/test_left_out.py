"""What no reader tells is counted, by listings that the API has."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name

from sagehen.export.reading.left_out import _LISTINGS, API_LOGS, count_left_out
from sagehen.export.reading.observability import observability
from tests.unit.export.api import asked, model_of


@pytest.mark.parametrize("listing", _LISTINGS, ids=lambda one: one.operation)
def test_a_listing_is_one_of_the_api(listing: Any) -> None:
    model = model_of(listing.service)
    [name] = [one for one in model.operation_names if xform_name(one) == listing.operation]
    operation = model.operation_model(name)
    assert operation.output_shape.members[listing.member].type_name == "list"
    assert {*listing.request} <= {*operation.input_shape.members}


def test_what_somebody_made_is_counted_and_what_every_account_has_is_not() -> None:
    state = [{"Instances": [{"State": {"Name": name}}]} for name in ("running", "terminated")]
    asking = asked(
        describe_vpcs={"Vpcs": [{"IsDefault": True}, {"IsDefault": False}]},
        describe_security_groups={"SecurityGroups": [{"GroupName": "default"}]},
        describe_instances={"Reservations": state},
        get_account={"cloudwatchRoleArn": "arn:x"},
    )
    count_left_out(asking)
    assert asking.remarks(()) == ["1 launches of EC2 instances", "1 VPCs, with all in them", API_LOGS]


def test_a_log_group_says_what_it_has_that_no_template_will() -> None:
    names = ("own", "/aws/lambda/plain", "/aws/lambda/filtered")
    groups = [{"logGroupName": name, "logGroupArn": f"arn:{name}"} for name in names]
    groups[2]["metricFilterCount"] = 2  # type: ignore[assignment]
    asking = asked(describe_log_groups={"logGroups": groups}, describe_log_streams={"logStreams": [1, 2, 3]})
    keys = {node.key for node in observability(asking)}
    assert {key.identity for key in keys} == {"own", "/aws/lambda/filtered"}
    assert asking.remarks(keys) == [
        "3 streams of the log group own",
        "2 metric filters of the log group /aws/lambda/filtered",
    ]
