"""Batch transform jobs: a model asked for each record of the objects under a prefix, the answers in S3.

`records/` cuts objects into records and answers into files; `attempt.py` runs the servers, `objects.py` asks
them.
"""
