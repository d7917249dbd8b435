"""How a run is shown: the summary in the terminal and the page in the browser.

Everything is drawn from the record of a run, by functions from values to values; nothing in this room can
touch a server, and nothing in it decides a verdict. What a server sent is hostile text until `text.visible`
or the page's escaping has seen it.
"""
