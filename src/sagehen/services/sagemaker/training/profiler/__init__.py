"""SageMaker Debugger's profiler: what a job's instances use, recorded in S3 as AWS lays it out.

Knows nothing of rules, which look at what is recorded, nor of the job that it belongs to.
"""
