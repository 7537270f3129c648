"""A pipeline's definition, read and judged. Pure: nothing here knows of executions.

document     the text becomes a Definition, or is refused
step         one step, as it is written; its type says what it asks of the platform (`step_types`)
parameters   what an execution may set
expressions  Get, Std:Join and Std:JsonGet within arguments; `paths` are what they follow
graph        who waits for whom, and that nobody waits for himself
caching, retrying   what CacheConfig and RetryPolicies say
"""
