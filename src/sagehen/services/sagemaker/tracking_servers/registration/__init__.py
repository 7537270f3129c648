"""Registration: what MLflow's registry gets of a tracking server SageMaker's gets too, where that is wanted.

The process that runs MLflow is a user's; what registers stands outside, asks it as any client would, and acts
with the rights of the server's role. Source: SageMaker Developer Guide, "Automatically register SageMaker AI
models with SageMaker Model Registry".
"""
