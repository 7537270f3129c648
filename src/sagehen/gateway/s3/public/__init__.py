"""Public S3: what people read from AWS's own buckets without signing, while `sagehen env` rules their shell.

A bucket that does not exist here is the real AWS's. Hosts with the bucket in the name are tunnelled to,
end to end; those with the bucket in the path are answered here, and what may leave is passed on. What
decides lies here and in `hosts`; services know nothing of it.
"""
