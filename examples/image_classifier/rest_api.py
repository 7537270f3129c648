"""A REST API in front of the function, called by plain HTTP: what a browser does."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any

from examples.image_classifier.images import content_type, files_of
from examples.image_classifier.story import Story

STAGE = "demo"


def tell(story: Story, function_arn: str) -> str:
    """Build and deploy the API, call it every way, and return the URL of its stage.

    Raises:
        RuntimeError: An answer is not what AWS would give.
    """
    api = story.client("apigateway")
    # image/* as bytes, and JSON: the two ways in which people post an image.
    made = api.create_rest_api(name="classifier", binaryMediaTypes=["image/jpeg", "image/png"])
    api_id, root = made["id"], made["rootResourceId"]
    _allow(story, function_arn, api_id)
    uri = f"arn:aws:apigateway:{story.region}:lambda:path/2015-03-31/functions/{function_arn}/invocations"
    proxied = _resource(api, api_id, root, "classify")
    mapped = _resource(api, api_id, root, "classify-mapped")
    extra = _resource(api, api_id, root, "extra-keys")
    _method(api, api_id, root, "GET", "AWS_PROXY", uri)
    _method(api, api_id, proxied, "POST", "AWS_PROXY", uri)
    _method(api, api_id, mapped, "POST", "AWS", uri)
    # The same function, called so that its answer has more keys than a proxy may return.
    _method(api, api_id, extra, "POST", "AWS_PROXY", _extra_keys(story, uri))
    api.create_deployment(restApiId=api_id, stageName=STAGE)
    # By path for programs; browsers and curl know that every *.localhost is this machine.
    _call(story, f"{story.url}/restapis/{api_id}/{STAGE}/_user_request_")
    url = f"{story.url.replace('127.0.0.1', f'{api_id}.execute-api.localhost')}/{STAGE}"
    story.say(f"in a browser: {url}/")
    return url


def _call(story: Story, url: str) -> None:
    image = next(files_of(story.images, "test"))
    body = json.dumps({"image": base64.b64encode(image.read_bytes()).decode()}).encode()
    as_bytes = _post(f"{url}/classify", image.read_bytes(), content_type(image))
    as_json = _post(f"{url}/classify", body, "application/json")
    mapped = _post(f"{url}/classify-mapped", body, "application/json")
    for way, (status, answer) in {
        "image bytes -> AWS_PROXY": as_bytes,
        "JSON -> AWS_PROXY": as_json,
        "JSON -> AWS, extra keys and all": mapped,
    }.items():
        if status != 200:
            raise RuntimeError(f"{way}: {status} {answer}")
        best = answer["predictions"][0]
        story.say(f"{way}: {status} {best['class']!r} ({best['probability']:.0%})")
    status, answer = _post(f"{url}/extra-keys", body, "application/json")
    if status != 502:
        raise RuntimeError(f"extra keys through AWS_PROXY: {status} {answer}")
    story.say(f"extra keys -> AWS_PROXY: {status} {json.dumps(answer)}")


def _resource(api: Any, api_id: str, parent: str, name: str) -> str:
    resource_id: str = api.create_resource(restApiId=api_id, parentId=parent, pathPart=name)["id"]
    return resource_id


def _method(api: Any, api_id: str, resource_id: str, verb: str, kind: str, uri: str) -> None:
    where = {"restApiId": api_id, "resourceId": resource_id, "httpMethod": verb}
    api.put_method(**where, authorizationType="NONE")
    api.put_integration(**where, type=kind, integrationHttpMethod="POST", uri=uri)
    if kind == "AWS":
        api.put_method_response(**where, statusCode="200")
        api.put_integration_response(**where, statusCode="200")


def _extra_keys(story: Story, uri: str) -> str:
    """Make a function whose answer a proxy integration does not accept; return its integration URI."""
    from examples.image_classifier import function_chapter

    functions = story.client("lambda")
    code = b"def lambda_handler(event, context):\n    return {'statusCode': 200, 'body': '{}', 'more': 1}\n"
    role = story.client("iam").get_role(RoleName=function_chapter.ROLE)["Role"]["Arn"]
    arn = functions.create_function(
        FunctionName="extra-keys",
        Runtime=function_chapter.RUNTIME,
        Role=role,
        Handler="extra.lambda_handler",
        Code={"ZipFile": function_chapter.zipped({"extra.py": code})},
    )["FunctionArn"]
    functions.get_waiter("function_active_v2").wait(FunctionName="extra-keys", WaiterConfig={"Delay": 1})
    _allow(story, arn, "*")
    return uri.replace(uri.split("functions/")[1].split("/invocations")[0], arn)


def _allow(story: Story, function_arn: str, api_id: str) -> None:
    story.client("lambda").add_permission(
        FunctionName=function_arn,
        StatementId="rest-api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{story.region}:{story.account}:{api_id}/*/*/*",
    )


def _post(url: str, body: bytes, kind: str) -> tuple[int, Any]:
    request = urllib.request.Request(
        url, data=body, headers={"Content-Type": kind, "Accept": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def forget(story: Story) -> None:
    """Delete the API and the function that only it used."""
    api = story.client("apigateway")
    for item in api.get_rest_apis()["items"]:
        api.delete_rest_api(restApiId=item["id"])
    story.client("lambda").delete_function(FunctionName="extra-keys")
