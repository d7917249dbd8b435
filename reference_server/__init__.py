"""The documented server: a small non-blocking HTTP server, in two profiles.

``httpserver`` has the server, and ``ioloop`` the loop it runs in. Clause ids such as DOC-KA-3 in docstrings
are those of the server's contract. Nothing but the standard library is needed.
"""
