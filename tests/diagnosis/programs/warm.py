"""A cache with a limit warms up in the first third of the time, and is full from then on."""
import random
import time
from functools import lru_cache


@lru_cache(maxsize=6000)
def page(number):
    return f"page {number} " * 600


pick = random.Random(3)
for request in range(60_000):
    page(pick.randrange(9000))
    if request % 200 == 0:
        time.sleep(0.012)
print(page.cache_info())
