"""Debugger's built-in rules: what is asked for, what they look at, what they find. Pure.

`evaluate.py` puts them together. AWS evaluates tensors that a hook in the script saves; here the losses of
the log and of metric definitions may stand in, and each evaluation says what it was made from. A rule
that needs what is not there ends in Error, as on AWS where a script has no hook, never in NoIssuesFound.
"""
