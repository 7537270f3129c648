"""What the platform records by itself, in the transactions that make jobs, packages and endpoints.

Source: SageMaker Developer Guide, "Amazon SageMaker AI-Created Tracking Entities". Types,
and the ends of names, are those that public notebooks show.
"""
