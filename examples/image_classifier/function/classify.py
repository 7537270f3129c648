"""The function behind the API: sends the image that it got to the endpoint, and answers what it is.

Runs here and on AWS unchanged. `ENDPOINT` names the endpoint; an event may name another (to be refused).
"""

import base64
import json
import os
from pathlib import Path

import boto3

runtime = boto3.client("sagemaker-runtime")
PAGE = (Path(__file__).parent / "page.html").read_text()


def lambda_handler(event, context):
    """Answer a direct call ({"image": base64}), the AWS integration, or an AWS_PROXY event."""
    if "httpMethod" not in event:
        return {"request_id": context.aws_request_id, **classify(event["image"], event.get("endpoint"))}
    if event["httpMethod"] == "GET":
        return {"statusCode": 200, "headers": {"Content-Type": "text/html; charset=utf-8"}, "body": PAGE}
    image = event["body"] if event["isBase64Encoded"] else json.loads(event["body"])["image"]
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "body": json.dumps(classify(image)),
    }


def classify(image_base64, endpoint=None):
    image = base64.b64decode(image_base64)
    answer = runtime.invoke_endpoint(
        EndpointName=endpoint or os.environ["ENDPOINT"],
        ContentType="image/png" if image.startswith(b"\x89PNG") else "image/jpeg",
        Accept="application/json",
        Body=image,
    )
    return json.load(answer["Body"])
