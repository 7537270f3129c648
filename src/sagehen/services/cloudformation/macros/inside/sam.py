"""A SAM template becomes a CloudFormation template: asked as JSON on standard input, answered so.

A process of its own, of `serverless.py`: what a template makes the translator do is bounded here.
"""

import json
import os
import resource
import sys

_MEMORY_BYTES = 2 << 30
_PROCESSOR_S = 60


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_S, _PROCESSOR_S))
    question = json.load(sys.stdin)
    # It reads boto3's region. Whose machine this is, and their keys, are none of a template's business.
    os.environ["AWS_DEFAULT_REGION"] = question["region"]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    try:
        from samtranslator.model.exceptions import ExceptionWithMessage
        from samtranslator.translator.transform import transform
    except ImportError as error:
        answer = {"missing": str(error)}
    else:
        try:
            answer = {"template": transform(question["template"], question["parameters"], _NoMorePolicies())}
        except ExceptionWithMessage as error:
            causes = [cause.message for cause in getattr(error, "causes", ())]
            answer = {"fault": " ".join([error.message, *causes])}
    json.dump(answer, sys.stdout)


class _NoMorePolicies:
    """Managed policies beyond those that the translator knows: none."""

    def load(self) -> dict[str, str]:
        return {}


main()
