"""linear-learner: linear classification and regression.

Documented: Linear Learner Algorithm, its hyperparameters, metrics and response formats.
"""
