"""Grants: what ACLs consist of (`grant`), how requests ask for them (`requests`), what they give to a caller
(`rights`).

Below `access`, which asks for rights with every request. Putting and showing ACLs is `acl`.
"""
