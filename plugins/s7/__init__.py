"""Siemens S7 controllers: data blocks, flags, inputs and outputs by absolute address."""
