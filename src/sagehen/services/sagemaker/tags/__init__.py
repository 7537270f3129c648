"""Tags of every SageMaker resource, by its ARN: operations, rows, and the rights that tagging takes.

Which resources exist is told to the operations by `service.py`; no resource is named here.
"""
