"""Is this the person? The least intrusive proof that is enough (Art. 12(6))."""
