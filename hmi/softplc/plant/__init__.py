"""The physics of the bottling line: one unit a file, every unit a pure `step(dt)` in seconds."""
