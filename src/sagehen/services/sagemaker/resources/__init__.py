"""What all of SageMaker's resources have in common: ARNs, errors, lists, condition keys, rows.

Nothing here knows a job, a model or an endpoint, and no operation is here.
"""
