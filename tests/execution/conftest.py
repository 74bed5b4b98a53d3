from tests.execution.fakes import bench, remote
from tests.mangling import mangled_world, mangling
from tests.world import moving, served, world

__all__ = ["bench", "mangled_world", "mangling", "moving", "remote", "served", "world"]
