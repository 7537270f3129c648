"""The decision: may this principal do this, given these policies, and in which words is it refused.

Pure: no record, no clock, no I/O, and no import of IAM's other packages but `grammar`. `authorization`
brings the policies that are stored.
"""
