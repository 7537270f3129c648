"""More than one machine: the same sandboxes, on nodes. Nothing of this is loaded without `--cluster`.

executor    the platform's side: `executors.base.Executor` over agents of nodes
agent       the node's side: a process that starts sandboxes for one platform
placement   on which node an instance goes, and who waits
nodes       what is known of each node
trees       folders on their way to a node and back
orders      specs, as they are sent
authority   who vouches for the platform and for nodes; with it the door has TLS, also without a cluster
links       mutually authenticated TLS with many streams; how a machine joins
wires       one private network on several nodes; hosts of one job are not spread by it yet
streams     what both sides need of the connection between them
"""
