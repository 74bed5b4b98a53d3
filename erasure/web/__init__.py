"""Public pages for the person, and health for machines. No sign-in, no script."""
