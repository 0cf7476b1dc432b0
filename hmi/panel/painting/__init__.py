"""How values, symbols and marks are painted: shared by displays, faceplates and trends."""
