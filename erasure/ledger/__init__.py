"""The log: private rows and outbox in, sequenced entries and signed checkpoints out."""
