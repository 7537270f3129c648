"""`make demo`: images in, a trained model served, and one role that may call one endpoint."""
