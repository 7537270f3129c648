"""Models: what CreateModel records, and the model data that their containers are given.

What serves a model is in `endpoints`.
"""
