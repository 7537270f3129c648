"""scikit-learn, as its estimator runs it: one file trains and serves."""

import os

import joblib
from sklearn.linear_model import LinearRegression


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


if __name__ == "__main__":
    model = LinearRegression().fit([[0], [1]], [1, 3])
    joblib.dump(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.joblib"))
