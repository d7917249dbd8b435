"""How wirecheck talks to a server.

The room knows sockets, TLS and the syntax of an HTTP/1.1 response. It does not know what a server must do:
whatever a peer does becomes data in a transcript, and judging it is left to `conformance`.
"""
