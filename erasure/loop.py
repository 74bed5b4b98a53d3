"""Run a coroutine of a library to its end, from code that is not asynchronous."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def result_of(coroutine: Coroutine[object, object, Result]) -> Result:
    """What it returns. It runs in a thread of its own: this one may have a loop already."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
