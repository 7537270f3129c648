"""What every operation asks first: which bucket and version (`resource`), and whether its caller may.

`rules` are the actions and ARNs, `conditions` the condition keys.

IAM's evaluator decides; here is which actions, ARNs and condition keys it is asked with.
"""
