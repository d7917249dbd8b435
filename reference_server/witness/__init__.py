"""The witness: a small application that tells how the server understood a request, for any Python server.

``core`` has what it answers; ``callback``, ``wsgi`` and ``asgi`` each translate one server interface. This
package imports none of them, so that another server does not load ours. ``docs/witness.md`` describes the
witness for authors in other languages.
"""
