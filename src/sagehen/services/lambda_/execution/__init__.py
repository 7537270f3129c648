"""Execution environments: one sandboxed process each, which speaks the Lambda Runtime API."""
