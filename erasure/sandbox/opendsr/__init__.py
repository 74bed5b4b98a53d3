"""An OpenDSR 2.0 processor: its own authority, signed answers and callbacks."""

from .app import OpenDSR

__all__ = ["OpenDSR"]
