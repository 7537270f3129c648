"""SageMaker's own algorithms for tables, for which scikit-learn honestly stands.

linear-learner, kmeans, pca, knn, randomcutforest. What they compute is the same kind of model, found by
another solver, and the log of each job says so. Source: SageMaker Developer Guide, the pages of the
algorithms; the SDK's classes in `sagemaker.amazon`. No module of it imports numpy or scikit-learn before
something is computed.
"""
