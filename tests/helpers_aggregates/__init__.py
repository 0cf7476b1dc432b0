"""A slow second opinion on the aggregates, and samples to ask it about."""
