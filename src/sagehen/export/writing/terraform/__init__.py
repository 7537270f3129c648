"""Terraform's language, for the AWS provider 5 and 6.

`parts` says which of Terraform's resources a node is, `arguments.json` which argument each property is; a
property without one is told at the top.
"""
