"""The process behind one endpoint instance: /ping and /invocations. Starts without the platform.

Imports nothing of Sagehen but itself, so that it can run in a sandbox that holds only this package.
"""
