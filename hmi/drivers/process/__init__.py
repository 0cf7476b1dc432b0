"""Connections in processes of their own: cores are used, and a library that crashes or hangs leaves the station be.

The station's half is a `Connection` like any other (`hosted`), kept alive by a `host`; the other half is
`python -m hmi.drivers.process`. Between them are two pipes; what crosses them is in `messages`. Passwords cross there
too, and never stand in a command line.
"""
