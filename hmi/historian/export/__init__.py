"""History out of a store: raw, at instants or aggregated, page by page into a file."""
