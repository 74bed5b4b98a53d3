"""A process that calls as fast as it may and writes down when. Run by the tests.

Arguments: key, limit, seconds of the window, seconds to run, Redis URL or "".
"""

import os
import sys
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
django.setup()

from erasure.limiter import DatabaseWindow, Gate, Rate, RedisWindow  # noqa: E402

key, limit, window, seconds, url = sys.argv[1:]
rate = Rate(int(limit), window=float(window))
gate = Gate(RedisWindow(key, rate, url) if url else DatabaseWindow(key, rate))
print("ready", flush=True)
sys.stdin.readline()
end = time.time() + float(seconds)
while time.time() < end:
    gate.wait()
    print(time.time(), flush=True)
