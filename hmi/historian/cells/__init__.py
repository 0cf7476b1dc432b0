"""How a sample is written in a file for people and spreadsheets, and read back exactly: time, status, number, text."""
