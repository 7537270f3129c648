"""Browsers' uploads: a form with a signed policy, read as it arrives. What is stored is PutObject's to do."""
