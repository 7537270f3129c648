"""SAM's APIs with keys and usage plans, and with a definition in S3: called, changed in place, gone."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from tests.conformance.cloudformation.stacks import ended, failures, new_name, physical
from tests.conformance.cloudformation.test_sam import deploy

MOCK = {
    "responses": {"200": {"description": "ok"}},
    "x-amazon-apigateway-integration": {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200"}},
    },
}
DEFINITION = {
    "swagger": "2.0",
    "info": {"title": "listed", "version": "1.0"},
    "paths": {"/listed": {"get": MOCK}},
    "x-amazon-apigateway-binary-media-types": ["image/png"],
}
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Most: {Type: Number, Default: 5}, Size: {Type: Number, Default: 100}}
Resources:
  Kept:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Auth:
        ApiKeyRequired: true
        UsagePlan: {CreateUsagePlan: PER_API, Quota: {Limit: !Ref Most, Period: DAY}, UsagePlanName: NAME}
      DefinitionBody: BODY
  Listed:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      DefinitionUri: s3://NAME/api.json
      MinimumCompressionSize: !Ref Size
      BinaryMediaTypes: [image~1jpeg]
"""


def answer(url: str, key: str = "") -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"x-api-key": key} if key else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_apis_of_sam_with_keys_and_with_definitions_in_s3(client: Any, endpoint_url: str) -> None:
    cloudformation, s3, gateway, name = (
        client("cloudformation"), client("s3"), client("apigateway"), new_name()
    )  # fmt: skip
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="api.json", Body=json.dumps(DEFINITION).encode())
    body = json.dumps({**DEFINITION, "info": {"title": "kept"}})
    template = TEMPLATE.replace("NAME", name).replace("BODY", body)
    told = deploy(cloudformation, name, template, "CREATE")
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, name)
    ids = physical(cloudformation, name)

    def url(api: str) -> str:
        return f"{endpoint_url}/_aws/execute-api/{ids[api]}/live/listed"

    key = gateway.get_api_key(apiKey=ids["KeptApiKey"], includeValue=True)
    assert key["stageKeys"] == [f"{ids['Kept']}/live"] and key["enabled"]
    assert answer(url("Kept")) == (403, '{"message":"Forbidden"}')
    assert answer(url("Kept"), key["value"])[0] == 200
    assert answer(url("Listed"))[0] == 200
    listed = gateway.get_rest_api(restApiId=ids["Listed"])
    assert listed["name"] == "listed" and listed["minimumCompressionSize"] == 100
    assert set(listed["binaryMediaTypes"]) == {"image/png", "image/jpeg"}

    told = deploy(cloudformation, name, template, "UPDATE", Most="1", Size="200")
    assert told["StackStatus"] == "UPDATE_COMPLETE", failures(cloudformation, name)
    assert physical(cloudformation, name) == ids
    assert gateway.get_rest_api(restApiId=ids["Listed"])["minimumCompressionSize"] == 200
    assert answer(url("Kept"), key["value"]) == (429, '{"message":"Limit Exceeded"}')

    cloudformation.delete_stack(StackName=name)
    assert ended(cloudformation, told["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert ids["KeptApiKey"] not in {one["id"] for one in gateway.get_api_keys()["items"]}
    assert ids["KeptUsagePlan"] not in {one["id"] for one in gateway.get_usage_plans()["items"]}
