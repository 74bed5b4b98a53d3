"""A case worked from the terminal, under the same guards as everywhere else."""
