from tests.world import moving

__all__ = ["moving"]
