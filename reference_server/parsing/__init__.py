"""The HTTP/1.1 parser and its rules: bytes in, events and errors out, without sockets."""
