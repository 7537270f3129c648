"""What nobody has built answers 501 and names itself, in whichever service of AWS's it is."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagehen.gateway.operations import search
from tests.unit.gateway.conftest import RunningDoor

# Every wire format; services beside a declared one of the same signing name; several that share one.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("apigateway", "get_rest_apis", {}),
    ("apigatewayv2", "get_apis", {}),
    ("sagemaker", "list_apps", {}),
    ("sagemaker-featurestore-runtime", "get_record",
     {"FeatureGroupName": "f", "RecordIdentifierValueAsString": "1"}),
    ("sagemaker-metrics", "batch_get_metrics", {"MetricQueries": [
        {"MetricName": "m", "ResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/j",
         "MetricStat": "Avg", "Period": "OneMinute", "XAxisType": "Timestamp"}]}),
    ("sagemaker-a2i-runtime", "list_human_loops",
     {"FlowDefinitionArn": "arn:aws:sagemaker:us-east-1:123456789012:flow-definition/f"}),
    ("sagemaker-edge", "get_device_registration", {"DeviceName": "d", "DeviceFleetName": "fleet"}),
    ("dynamodb", "list_tables", {}),
    ("sqs", "list_queues", {}),
    ("ec2", "describe_instances", {}),
    ("rds", "describe_db_clusters", {}),
    ("elbv2", "describe_target_groups", {}),
    ("sesv2", "list_email_identities", {}),
    ("route53", "list_hosted_zones", {}),
    ("bedrock-runtime", "invoke_model", {"modelId": "m", "body": b"{}"}),
    ("cloudhsmv2", "describe_clusters", {}),
]  # fmt: skip


@pytest.mark.parametrize(("service", "method", "arguments"), CALLS, ids=lambda value: str(value)[:30])
def test_501_names_the_operation(
    running: RunningDoor, service: str, method: str, arguments: dict[str, Any]
) -> None:
    client = running.client(service)
    with pytest.raises(ClientError) as refused:
        getattr(client, method)(**arguments)
    response = refused.value.response
    name = client.meta.method_to_api_mapping[method]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501, response
    assert response["Error"]["Code"] == "NotImplemented"
    # docdb, neptune and rds send the same request.
    assert response["Error"]["Message"].startswith(f"Sagehen does not implement {name} of ")
    if service != "rds":
        assert response["Error"]["Message"].endswith(f" {service}.")


def test_too_many_at_once(running: RunningDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    client = running.client("sqs")
    monkeypatch.setattr(search, "_MOST_SEARCHES", 0)
    with pytest.raises(ClientError) as refused:
        client.list_queues()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert refused.value.response["Error"]["Code"] == "ServiceUnavailable"
    monkeypatch.undo()
    with pytest.raises(ClientError, match="does not implement ListQueues"):
        client.list_queues()


def test_what_aws_has_not_either(running: RunningDoor) -> None:
    """A path that no service of the signing name has stays the 404 that it was."""
    import urllib.request

    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    from tests.unit.gateway.conftest import KEY, SECRET

    request = AWSRequest("GET", f"{running.url}/no/such/thing/at/all")
    SigV4Auth(Credentials(KEY, SECRET), "sagemaker", "us-east-1").add_auth(request)
    with pytest.raises(urllib.request.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(request.url, headers=dict(request.headers)))
    with refused.value:
        assert refused.value.code == 404
        assert b"UnknownOperationException" in refused.value.read()
