"""Execution environments: one sandboxed process each, which speaks the Lambda Runtime API.

`contract` is what the rest of the service knows; `local_environments` implements it. From there
downwards: an `environment` lives through INIT, INVOKE and SHUTDOWN, a `launching` starts its
runtime in a sandbox, a `runtime_process` is one life of that runtime, and `runtime_api` is what it
talks to. `inside` holds the few files of ours that run within the sandbox.
"""
