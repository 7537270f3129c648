"""Processing jobs: a command in an image's environment, with inputs from S3 and outputs to it.

`operations.py` is what clients call; `jobs.attempt` and `jobs.decisions` say how a job goes, `attempt.py`
does what is a processing job's own.
"""
