from tests.world import moving, served, world

__all__ = ["moving", "served", "world"]
