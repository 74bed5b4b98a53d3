"""Field ciphers, key wrapping and the blind index. Rank 1: no Django."""
