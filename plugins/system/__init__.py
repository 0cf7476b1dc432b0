"""The station's own computer and who answers on its network, as tags: load, memory, disk, traffic, ping."""
