"""Who asks, and what a signature promised of the body.

Which rights that gives is for IAM's evaluator to say.
"""
