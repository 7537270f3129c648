"""What goes between S3 and the folders of a job: URIs, input channels, checkpoints.

Every transfer is made with the rights of a role's session. Nothing here knows which kind of job it is for.
"""
