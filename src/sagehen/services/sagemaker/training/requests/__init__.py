"""Requests for training jobs: what they may ask for, and what those who ask must be allowed to."""
