"""What the operator says can be had of each instance type (`sagehen capacity`), and what that means.

An offer is a row; `supply` reads and changes them and lets instances wait for a type that is not to be had;
`quotas` has AWS's words for what an account may not. No job and no endpoint is known here.
"""
