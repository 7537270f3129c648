"""Application Auto Scaling: scalable targets, policies, scheduled actions, activities, and the loop that
acts.

What is decided stands in `sagehen.autoscaling`, pure; what is scaled belongs to other services, behind the
port ScalableResources. Nothing here knows of endpoints or functions but the table of dimensions.
"""
