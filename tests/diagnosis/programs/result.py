"""Builds its result in the first half of the time, and writes it out in the second."""
import json
import time

result = []
for number in range(150):
    result.extend({"row": number, "value": value / 7} for value in range(600))
    time.sleep(0.012)
with open("/dev/null", "w") as out:
    for turn in range(2):
        for start in range(0, len(result), 1000):
            json.dump(result[start:start + 1000], out)
            time.sleep(0.002)
