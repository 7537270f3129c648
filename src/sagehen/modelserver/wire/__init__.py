"""HTTP as bytes: heads of answers, a request that came whole, lines of the access log. No sockets."""
