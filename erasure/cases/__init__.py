"""The one door to a case's state."""

from erasure.cases.move import locked, move, refusals, steps_for

__all__ = ["locked", "move", "refusals", "steps_for"]
