"""Amazon ECR: repositories, their images, and the registry's own protocol (`distribution`).

Contents lie in `sagehen.images`; here is what names them, and who may have them.
"""
