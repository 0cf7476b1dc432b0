"""Who works at the panel."""
