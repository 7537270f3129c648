"""Access control lists of buckets and objects: how they are asked for, kept, shown and evaluated.

They speak only where the bucket's object ownership is not BucketOwnerEnforced. The evaluator of IAM
is told what an ACL grants to the caller (`Access.acl`) and weighs it like an Allow of the resource.
"""
