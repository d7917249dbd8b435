"""How the server comes by connections: listening sockets, TLS, and pre-forked processes."""
