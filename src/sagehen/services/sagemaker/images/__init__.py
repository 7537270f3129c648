"""Images: what an ECR name stands for on this machine, and the warm processes that are got ready for it.

No image is pulled or run.
"""
