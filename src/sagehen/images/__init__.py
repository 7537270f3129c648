"""Container images: their content on disk, what their manifests say, and roots that sandboxes run on.

Knows no service: who may push what where, and what an image is called, is ECR's to say (`services/ecr`).
"""
