"""Ports of identity: who asks, what that may do, and as whom something runs. IAM with STS is on one side."""
