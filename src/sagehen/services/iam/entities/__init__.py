"""What users, groups, roles, instance profiles and managed policies have in common.

An entity and its row, its tags and path, IAM's pages, the access rules of operations on one. No
operation lives here, and nothing that evaluates a policy.
"""
