"""Who may call an API: IAM, authorizers, usage plans, resource policies, and what it refuses by itself."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.e2e.rest_api.apis import ACCOUNT, Answer, Api
from tests.e2e.story import client
from tests.running import ACCOUNTS, RunningSagehen


def test_iam(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    api.function("/mine", "POST", functions["echo"], auth="AWS_IAM")
    api.deploy()
    iam = client(sagehen, "iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]

    def send(key_id: str, secret: str) -> Answer:
        request = AWSRequest(
            "POST", api.url("/mine?b=2&a=1"), data=b"{}", headers={"Content-Type": "application/json"}
        )
        SigV4Auth(Credentials(key_id, secret), "execute-api", "us-east-1").add_auth(request)
        prepared = request.prepare()
        plain = urllib.request.Request(prepared.url, b"{}", dict(prepared.headers), method="POST")
        try:
            with urllib.request.urlopen(plain, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    assert api.call("POST", "/mine", b"{}").json == {"message": "Missing Authentication Token"}
    root = send(*ACCOUNTS[ACCOUNT].split(":"))
    assert root.json["requestContext"]["identity"]["userArn"] == f"arn:aws:iam::{ACCOUNT}:root"
    denied = send(key["AccessKeyId"], key["SecretAccessKey"])
    assert denied.status == 403
    assert denied.json["Message"].startswith(
        f"User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: execute-api:Invoke on "
        "resource: "
        f"arn:aws:execute-api:us-east-1:********9012:{api.id}/prod/POST/mine"
    )
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "execute-api:Invoke",
                "Resource": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{api.id}/prod/POST/mine",
            }
        ],
    }
    iam.put_user_policy(UserName="ada", PolicyName="call", PolicyDocument=json.dumps(policy))
    assert send(key["AccessKeyId"], key["SecretAccessKey"]).status == 200
    forged = send(key["AccessKeyId"], "not the secret")
    assert (forged.status, forged.headers["x-amzn-ErrorType"]) == (403, "InvalidSignatureException")


def test_a_lambda_authorizer_and_a_usage_plan(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{functions['guard']}/invocations"
    authorizer = api.client.create_authorizer(
        restApiId=api.id,
        name="guard",
        type="TOKEN",
        authorizerUri=uri,
        identitySource="method.request.header.Authorization",
    )["id"]
    api.function("/", "GET", functions["echo"], auth="CUSTOM", authorizerId=authorizer, apiKeyRequired=True)
    api.deploy()
    key = api.client.create_api_key(name="k", enabled=True)
    plan = api.client.create_usage_plan(
        name="p", apiStages=[{"apiId": api.id, "stage": "prod"}], quota={"limit": 2, "period": "DAY"}
    )["id"]
    api.client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    mine = {"x-api-key": key["value"]}
    assert api.call("GET", headers=mine).status == 401
    assert api.call("GET", headers={**mine, "Authorization": "fail"}).json == {"message": "Unauthorized"}
    assert api.call("GET", headers={**mine, "Authorization": "no"}).status == 403
    assert api.call("GET", headers={"Authorization": "yes"}).json == {"message": "Forbidden"}
    good = [api.call("GET", headers={**mine, "Authorization": "yes"}) for _ in range(3)]
    assert [one.status for one in good] == [200, 200, 429]
    assert good[2].json == {"message": "Limit Exceeded"}
    seen = good[0].json["requestContext"]
    assert (seen["authorizer"]["mood"], seen["authorizer"]["n"], seen["identity"]["apiKey"]) == (
        "good",
        "5",
        key["value"],
    )
    tested = api.client.test_invoke_authorizer(
        restApiId=api.id, authorizerId=authorizer, headers={"Authorization": "yes"}
    )
    assert (tested["clientStatus"], tested["principalId"]) == (200, "ada")


def test_a_resource_policy(sagehen: RunningSagehen) -> None:
    def policy(address: str) -> str:
        allow = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": "execute-api:/*",
        }
        condition = {"IpAddress": {"aws:SourceIp": address}}
        return json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Condition": condition}]})

    api = Api(sagehen, policy=policy("127.0.0.0/8"))
    api.mock("/", "GET", "200", {}, "fine")
    api.deploy()
    assert api.call("GET").status == 200
    api.client.update_rest_api(
        restApiId=api.id,
        patchOperations=[{"op": "replace", "path": "/policy", "value": policy("10.0.0.0/8")}],
    )
    assert api.call("GET").status == 200  # what is deployed holds until the next deployment
    api.deploy()
    denied = api.call("GET")
    assert denied.status == 403
    assert denied.json["Message"].startswith(
        "User: anonymous is not authorized to perform: execute-api:Invoke on resource: "
        f"arn:aws:execute-api:us-east-1:********9012:{api.id}/prod/GET/"
    )


def test_what_the_api_refuses_by_itself(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    api.client.create_model(
        restApiId=api.id, name="N", contentType="application/json", schema=json.dumps(schema)
    )
    validator = api.client.create_request_validator(
        restApiId=api.id, name="all", validateRequestBody=True, validateRequestParameters=True
    )["id"]
    api.function(
        "/n",
        "POST",
        functions["echo"],
        requestValidatorId=validator,
        requestModels={"application/json": "N"},
        requestParameters={"method.request.querystring.q": True},
    )
    api.client.put_gateway_response(
        restApiId=api.id,
        responseType="DEFAULT_4XX",
        responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
    )
    api.deploy()
    missing = api.call("POST", "/n", b'{"n": 1}')
    assert (missing.status, missing.json) == (400, {"message": "Missing required request parameters: [q]"})
    assert missing.headers["Access-Control-Allow-Origin"] == "*"
    bad = api.call("POST", "/n?q=1", b'{"n": "x"}')
    assert (bad.status, bad.json) == (400, {"message": "Invalid request body"})
    assert api.call("POST", "/n?q=1", b'{"n": 1}').status == 200
    large = api.call("POST", "/n?q=1", b" " * (11 * 1024 * 1024))
    assert (large.status, large.json) == (413, {"message": "HTTP content length exceeded 10485760 bytes."})
