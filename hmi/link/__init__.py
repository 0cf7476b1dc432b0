"""The wire between a station and its panels: messages, their encoding and the sessions' rules, without any I/O."""
