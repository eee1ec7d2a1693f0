"""The operations, one function each, named like the operation."""
