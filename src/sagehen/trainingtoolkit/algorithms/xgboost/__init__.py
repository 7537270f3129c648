"""XGBoost as SageMaker's built-in algorithm: hyperparameters, channels, a model file.

Source: SageMaker Developer Guide, XGBoost algorithm; names, ranges and refusals as in
aws/sagemaker-xgboost-container. `xgboost` itself is imported by `training` alone.
"""
