"""The API: clients with a key create requests, see where they stand, and take them back."""
