from tests.execution.fakes import bench, remote
from tests.world import moving, served, world

__all__ = ["bench", "moving", "remote", "served", "world"]
