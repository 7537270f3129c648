"""The data plane of endpoints: router -> replica set -> breaker -> replica -> its model server's socket.

No AWS error, record or executor is known here: the control plane adds and removes replicas, and
sagemaker_runtime turns outcomes into AWS's answers.
"""
