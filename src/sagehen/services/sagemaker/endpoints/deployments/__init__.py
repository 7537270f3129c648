"""Deployments: what an endpoint configuration comes to, and how one takes the traffic over from another.

of_config     from a configuration and its models to a deployment
rollout       the row of traffic shares that a DeploymentConfig means. Pure
alarms        whether alarms end a deployment. Pure
alarm_watch   looks at the alarms of one endpoint's deployment
"""
