"""The local authority that vouches for AWS's names here, and the bundle of whom to trust.

No connection is made here.
"""
