"""Clarify's pretraining bias: what AWS's image `sagemaker-clarify-processing` does of data alone.

How a data set treats groups of people (facets), what of it is worse than a baseline, and a report. Written
anew from the documented contract (SageMaker Developer Guide: Configure the analysis, Pretraining bias
metrics, Bias drift violations); the metrics are those of AWS's library smclarify, by whose rules columns are
categories or numbers. What it cannot do (models, explanations) ends the job with a sentence.
"""
