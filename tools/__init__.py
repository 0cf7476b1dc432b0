"""What a checkout needs around the product: set-up of a fresh machine, and nothing the product imports."""
