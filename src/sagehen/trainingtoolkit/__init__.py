"""The process in front of a training script: reads /opt/ml, sets SM_*, starts the entry point or torchrun.

Imports nothing of Sagehen but itself, so that it can run in a sandbox that holds only this package.
"""
