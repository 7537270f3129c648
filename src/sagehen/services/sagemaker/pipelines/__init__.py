"""SageMaker Pipelines: definitions, executions, and what carries an execution out.

definition   what a pipeline is made of; pure
executions   executions and their steps as they are recorded, and what comes next for them; pure but for
             the rows
running      the effects: jobs are made by the platform's own operations, with the pipeline role's rights
"""
