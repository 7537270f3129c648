"""What S3 keeps in the database: buckets, versions of objects, uploads and their parts.

One room for the three, below everything that has operations: PutObject alone asks the rows of buckets,
versions and locks. Here are rows and the order of keys; whether something is allowed or makes sense is
decided above.
"""
