"""The headless station: asyncio around the pure engine, with drivers on one side and clients on the other."""
