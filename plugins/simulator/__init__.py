"""A device that is not there: signals, played recordings and memory, to build and try a project without a plant."""
