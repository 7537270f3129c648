"""Lineage: artifacts, actions, contexts, which of them came of which, and what the platform records of jobs,
packages and endpoints.

Source: SageMaker Developer Guide, "Amazon SageMaker ML Lineage Tracking".
"""
