"""Sagehen: an AWS machine-learning stack on your own machine."""
