"""The demonstration: whole cases over HTTP, on services of its own."""
