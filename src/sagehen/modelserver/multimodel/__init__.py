"""Several models behind one server: SageMaker's contract for multi-model containers.

POST /models loads one, DELETE /models/NAME unloads it, GET /models lists them, POST /models/NAME/invoke asks
it. Which models, and when, is the caller's business: whoever routes knows what else the instance holds.
"""
