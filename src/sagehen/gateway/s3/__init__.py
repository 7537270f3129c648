"""What S3 has beside its operations.

Buckets in host names, CORS, browsers' forms, websites, logs, regions of signatures.
"""
