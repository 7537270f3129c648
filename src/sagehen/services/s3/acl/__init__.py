"""Access control lists of buckets and objects: which may be put, and how they are put and shown.

They speak only where the bucket's object ownership is not BucketOwnerEnforced. What one consists of, and
what it gives to a caller, is in `grants`: the evaluator of IAM is told (`Access.acl`) and weighs it like an
Allow of the resource.
"""
