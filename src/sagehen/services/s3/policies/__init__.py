"""Bucket policies: put, shown, read by IAM's evaluator.

`grammar` refuses what is no policy, `publicity` says which ones are public and what is left of those under
RestrictPublicBuckets. What a policy allows is IAM's to say.
"""
