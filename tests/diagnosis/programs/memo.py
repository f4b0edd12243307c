"""Answers requests, and remembers each answer under a key that never comes again."""
import hashlib
import time

answers = {}
for request in range(36_000):
    key = (request, hashlib.sha256(str(request).encode()).hexdigest())
    answers[key] = [key[1]] * 60 + [str(request) * 40]
    if request % 100 == 0:
        time.sleep(0.01)
print(len(answers))
