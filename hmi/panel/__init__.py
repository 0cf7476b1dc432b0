"""The control-room panel: Qt, no asyncio, no database, no drivers; it knows the link and the core only."""
