"""IAM and STS: who may do what, and the temporary credentials that prove it.

One package for both AWS services, because roles and their sessions are one matter. The evaluator
(`policy_document`, `policy_evaluator`, `condition_operators`, `denial`) is pure; `authorizer`
applies it to what is stored. All SQL is in `records*.py`. Nothing here knows HTTP or signatures.
"""
