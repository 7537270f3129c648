"""Extensions: programs of layers that run beside a function's runtime, and the API that they ask.

`registry.py` decides; `api.py` reads requests; `supervision.py` is what the sandbox's first process tells.
Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""
