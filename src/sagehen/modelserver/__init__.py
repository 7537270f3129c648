"""The process behind one endpoint instance: `python -m sagehen.modelserver`.

It starts without the platform and speaks SageMaker's container contract: GET /ping and POST
/invocations, the model in /opt/ml/model, the user's hooks in its code folder. A front process owns
the sockets, the queue and the batch window; worker processes own the user's code.

Imports here: the standard library, httptools, and uvloop where it is installed; torch, numpy and
joblib only inside functions, in workers, when a model needs them. Nothing else of Sagehen.
"""
