"""REST APIs under test: made by boto3, called as a browser would."""

from __future__ import annotations

import http.client
import json
import uuid
from dataclasses import dataclass
from email.message import Message
from typing import Any

from tests.e2e.story import client
from tests.running import RunningSagehen

ACCOUNT = "123456789012"


CODE = '''
import base64, json

def echo(event, context):
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}

def look(event, context):
    """An image in, its size and first bytes out; and the image itself on demand."""
    image = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"].encode()
    headers = {"Access-Control-Allow-Origin": "*"}
    if (event["queryStringParameters"] or {}).get("back"):
        headers["Content-Type"] = "image/png"
        return {"body": base64.b64encode(image).decode(), "isBase64Encoded": True, "headers": headers}
    return {"body": json.dumps({"bytes": len(image), "head": image[:4].hex()}), "headers": headers}

def chatty(event, context):
    return {"statusCode": 200, "body": "fine", "class": "cat", "got": event}

def guard(event, context):
    token = event["authorizationToken"]
    if token == "fail":
        raise Exception("Unauthorized")
    effect = "Allow" if token == "yes" else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": "*"}
    return {"principalId": "ada", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            "context": {"mood": "good", "n": 5}}
'''


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """An API in the making, by boto3."""

    def __init__(self, sagehen: RunningSagehen, **options: Any) -> None:
        self.sagehen = sagehen
        self.client = client(sagehen, "apigateway")
        self.id = self.client.create_rest_api(name=f"api-{uuid.uuid4().hex[:6]}", **options)["id"]
        self.paths = {"/": self.client.get_resources(restApiId=self.id)["items"][0]["id"]}

    def resource(self, path: str) -> str:
        parent, _, part = path.rpartition("/")
        if path not in self.paths:
            above = self.resource(parent or "/")
            made = self.client.create_resource(restApiId=self.id, parentId=above, pathPart=part)
            self.paths[path] = made["id"]
        return self.paths[path]

    def method(self, path: str, verb: str, auth: str = "NONE", **options: Any) -> dict[str, str]:
        place = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": verb}
        self.client.put_method(**place, authorizationType=auth, **options)
        return place

    def function(
        self, path: str, verb: str, arn: str, kind: str = "AWS_PROXY", auth: str = "NONE", **options: Any
    ) -> dict[str, str]:
        place = self.method(path, verb, auth, **options)
        uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
        self.client.put_integration(**place, type=kind, integrationHttpMethod="POST", uri=uri)
        if kind == "AWS":
            self.client.put_method_response(**place, statusCode="200")
            self.client.put_integration_response(**place, statusCode="200")
        return place

    def mock(
        self, path: str, verb: str, status: str, headers: dict[str, str], body: str = "", **options: Any
    ) -> None:
        place = self.method(path, verb, **options)
        self.client.put_method_response(
            **place,
            statusCode=status,
            responseParameters={f"method.response.header.{name}": False for name in headers},
        )
        template = {"application/json": json.dumps({"statusCode": int(status)})}
        self.client.put_integration(**place, type="MOCK", requestTemplates=template)
        self.client.put_integration_response(
            **place,
            statusCode=status,
            responseTemplates={"application/json": body},
            responseParameters={
                f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()
            },
        )

    def deploy(self, stage: str = "prod") -> None:
        self.client.create_deployment(restApiId=self.id, stageName=stage)

    def url(self, path: str = "/", stage: str = "prod") -> str:
        return f"{self.sagehen.url}/restapis/{self.id}/{stage}/_user_request_{path}"

    def call(
        self,
        verb: str,
        path: str = "/",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        stage: str = "prod",
    ) -> Answer:
        host, port = self.sagehen.facts["host"], self.sagehen.facts["port"]
        connection = http.client.HTTPConnection(host, port, timeout=60)
        try:
            own = {"Host": f"{self.id}.execute-api.localhost:{port}", **(headers or {})}
            connection.request(verb, f"/{stage}{path}", body=body, headers=own)
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers, reply.read())
        finally:
            connection.close()
