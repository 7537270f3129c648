"""Dashboards by boto3: put, got to the letter, listed, deleted; of an account, not of a region."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory

BODY = '{"widgets":  [{"type": "text", "properties": {"markdown": "# \u00e4"}}]}'
EMPTY = '{"widgets": []}'
# As AWS words it (recorded).
FAULTS = """The dashboard body is invalid, there are 3 validation errors:
[
  {
    "dataPath": "/widgets/0/properties",
    "message": "Should have required property 'metrics'"
"""


@pytest.fixture
def cloudwatch(client: ClientFactory) -> Iterator[Any]:
    made = client("cloudwatch")
    yield made
    names = [one["DashboardName"] for one in made.list_dashboards()["DashboardEntries"]]
    if names:
        made.delete_dashboards(DashboardNames=names)


def test_a_dashboard_lives(cloudwatch: Any, client: ClientFactory) -> None:
    tags = [{"Key": "team", "Value": "ml"}]
    put = cloudwatch.put_dashboard(DashboardName="a-1", DashboardBody=EMPTY, Tags=tags)
    put = cloudwatch.put_dashboard(DashboardName="a-1", DashboardBody=BODY, Tags=[{"Key": "x", "Value": "y"}])
    assert put["DashboardValidationMessages"] == []
    cloudwatch.put_dashboard(DashboardName="b", DashboardBody=EMPTY)
    elsewhere = client("cloudwatch", region="eu-west-1")
    got = elsewhere.get_dashboard(DashboardName="a-1")
    assert got["DashboardBody"] == BODY
    arn = got["DashboardArn"]
    assert arn == "arn:aws:cloudwatch::123456789012:dashboard/a-1"
    assert elsewhere.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags  # those of its creation
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "stage", "Value": "test"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["team", "none"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "stage", "Value": "test"}]
    for wrong, code in ((arn + "x", "ResourceNotFoundException"), (arn.replace("::", ":us-east-1:"), None)):
        with pytest.raises(ClientError) as refused:
            cloudwatch.list_tags_for_resource(ResourceARN=wrong)
        assert refused.value.response["Error"]["Code"] == (code or "InvalidParameterValue")
    listed = cloudwatch.list_dashboards(DashboardNamePrefix="a")["DashboardEntries"]
    assert [(one["DashboardName"], one["DashboardArn"], one["Size"]) for one in listed] == [
        ("a-1", arn, len(BODY.encode()))
    ]
    with pytest.raises(ClientError) as refused:
        cloudwatch.delete_dashboards(DashboardNames=["a-1", "none"])
    assert refused.value.response["Error"]["Code"] == "ResourceNotFound"
    assert len(cloudwatch.list_dashboards()["DashboardEntries"]) == 2
    cloudwatch.delete_dashboards(DashboardNames=["a-1"])
    with pytest.raises(ClientError) as refused:
        cloudwatch.get_dashboard(DashboardName="a-1")
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ResourceNotFound", "Dashboard a-1 does not exist")
    other = client("cloudwatch", account="210987654321")
    assert other.list_dashboards()["DashboardEntries"] == []


def test_a_wrong_body_says_what_is_wrong(cloudwatch: Any) -> None:
    body = json.dumps({"widgets": [{"type": "metric", "properties": {}}]})
    with pytest.raises(cloudwatch.exceptions.DashboardInvalidInputError) as refused:
        cloudwatch.put_dashboard(DashboardName="a", DashboardBody=body)
    response = refused.value.response
    assert response["Error"]["Code"] == "InvalidParameterInput"
    assert response["Error"]["Message"].startswith(FAULTS)
    paths = [one["DataPath"] for one in response["dashboardValidationMessages"]]
    assert paths == ["/widgets/0/properties"] * 3
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a.b", "\u00e4", "a" * 256])
def test_names(cloudwatch: Any, name: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=EMPTY)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"
