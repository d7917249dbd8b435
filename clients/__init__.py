"""How wirecheck talks to a server.

This package knows sockets, TLS and the syntax of an HTTP/1.1 response. It does not know what a server must
do: everything a peer does becomes data in a transcript, and `conformance` judges it.
"""
