"""How runs are shown: a run as summary, page, JUnit XML, Markdown and badge; several as comparison or matrix.

Everything is made from the record of a run, by functions from values to values; nothing here touches a server
or decides a verdict. What a server sent is hostile text until `conformance.text.visible` or the escaping of a
page has made it harmless.
"""
