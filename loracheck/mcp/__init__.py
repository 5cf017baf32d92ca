"""loracheck as tools of a coding agent: a server of the Model Context Protocol on standard input
and output.

In come lines of JSON-RPC, out go lines of JSON-RPC; the words are those of the agent format and of
`loracheck explain`. Begin at `server.py`, which answers the protocol's methods; `tools.py` has the
tools, `topics.py` what there is to explain, `messages.py` reads and writes the lines. The protocol
is small enough to need no library. Files are read as by the command line, nothing is fetched, and
nothing is written.
"""
