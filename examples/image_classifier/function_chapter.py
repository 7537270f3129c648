"""A Lambda function that may call one endpoint: refused first, then allowed, and never for the other."""

from __future__ import annotations

import base64
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from examples.image_classifier.endpoints import classify
from examples.image_classifier.images import files_of
from examples.image_classifier.story import Story

FOLDER = Path(__file__).parent / "function"
FUNCTION = "classify"
# The platform runs functions in its own Python, whichever that is; others only where they are installed.
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
ROLE = "classify-function"
POLICY = "invoke-one-endpoint"


def tell(story: Story, allowed: str, other: str) -> str:
    """Make the function and try it; return its ARN.

    Raises:
        RuntimeError: It could do what its role may not, or could not do what it may.
    """
    iam, functions = story.client("iam"), story.client("lambda")
    role_arn = _make_role(story)
    files = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in (".py", ".html")}
    function_arn: str = functions.create_function(
        FunctionName=FUNCTION,
        Runtime=RUNTIME,
        Role=role_arn,
        Handler="classify.lambda_handler",
        Code={"ZipFile": zipped(files)},
        Timeout=30,
        MemorySize=512,
        Environment={"Variables": {"ENDPOINT": allowed}},
    )["FunctionArn"]
    functions.get_waiter("function_active_v2").wait(FunctionName=FUNCTION, WaiterConfig={"Delay": 1})
    image = next(files_of(story.images, "test"))

    refused = _invoke(functions, image)
    if refused.get("FunctionError") != "Unhandled":
        raise RuntimeError("the function could call the endpoint without permission")
    story.say(f"without permission: {refused['Payload']['errorMessage']}")

    endpoint_arn = f"arn:aws:sagemaker:{story.region}:{story.account}:endpoint/{allowed}"
    iam.put_role_policy(
        RoleName=ROLE,
        PolicyName=POLICY,
        PolicyDocument=story.policy({"Action": "sagemaker:InvokeEndpoint", "Resource": endpoint_arn}),
    )
    answer = _invoke(functions, image, LogType="Tail")
    if "FunctionError" in answer:
        raise RuntimeError(answer["Payload"]["errorMessage"])
    best = answer["Payload"]["predictions"][0]
    own = classify(story.client("sagemaker-runtime"), allowed, image)
    if (best["class"], best["probability"]) != own:
        raise RuntimeError(f"the function says {best}, the endpoint {own}")
    story.say(f"with it: {best['class']!r} ({best['probability']:.0%}), the endpoint's own answer")
    for line in base64.b64decode(answer["LogResult"]).decode().strip().splitlines():
        story.say(f"log | {line}")

    elsewhere = _invoke(functions, image, endpoint=other)
    if elsewhere.get("FunctionError") != "Unhandled":
        raise RuntimeError("the function could call the other endpoint")
    story.say(f"the other endpoint: {elsewhere['Payload']['errorMessage']}")
    return function_arn


def _make_role(story: Story) -> str:
    iam = story.client("iam")
    trust = story.policy({"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    role_arn: str = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.attach_role_policy(
        RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    )
    return role_arn


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a deployment package with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _invoke(functions: Any, image: Path, endpoint: str | None = None, **options: Any) -> dict[str, Any]:
    event = {"image": base64.b64encode(image.read_bytes()).decode()}
    if endpoint:
        event["endpoint"] = endpoint
    answer: dict[str, Any] = functions.invoke(FunctionName=FUNCTION, Payload=json.dumps(event), **options)
    return {**answer, "Payload": json.load(answer["Payload"])}


def forget(story: Story) -> None:
    """Delete the function, its log group and its role."""
    story.client("lambda").delete_function(FunctionName=FUNCTION)
    story.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{FUNCTION}")
    iam = story.client("iam")
    iam.detach_role_policy(
        RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    )
    iam.delete_role_policy(RoleName=ROLE, PolicyName=POLICY)
    iam.delete_role(RoleName=ROLE)
