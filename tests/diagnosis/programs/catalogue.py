"""A database on the disk with a cache of pages that fills up and stays full."""
import os
import random
import sqlite3
import tempfile

with tempfile.TemporaryDirectory() as folder:
    database = sqlite3.connect(os.path.join(folder, "catalogue"))
    database.execute("pragma cache_size = -16000")
    database.execute("create table item (id integer primary key, text)")
    database.executemany("insert into item values (?, ?)", ((i, f"item {i} " * 60) for i in range(60_000)))
    database.commit()
    pick = random.Random(8)
    total = 0
    for _ in range(150_000):
        total += len(database.execute("select text from item where id = ?", (pick.randrange(60_000),)).fetchone()[0])
    print(total)
