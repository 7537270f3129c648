"""Which service and operation a request is for: by headers, host, path and query.

`identify` decides, `routes` are the paths of REST services, `host_names` what hosts say, `every_service`
names what nobody has built.
"""
