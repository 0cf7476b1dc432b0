"""Lineside: an HMI/SCADA station for production lines."""

__version__ = "0.1.0"
