"""Reads samples in the long format with pandas: check_long.py FILE EXPECTED, the latter as JSON."""

import json
import sys

import pandas

with open(sys.argv[2]) as file:
    expected = json.load(file)
samples = pandas.read_csv(sys.argv[1], dtype={"pid": "Int64"})
kinds = samples.dtypes.astype(str)
assert all(kinds[name] == "int64" for name in ("value", "lowest", "highest")), kinds
assert kinds["seconds"] == "float64" and not samples.drop(columns="pid").isna().any().any(), kinds
assert samples.seconds.is_monotonic_increasing
assert ((samples.lowest <= samples.value) & (samples.value <= samples.highest)).all()
whole = samples[samples.process == "all"].groupby("metric").highest.max()
assert whole.to_dict() == expected["peaks"], whole
anon = samples[samples.metric == "anon"].groupby("pid").highest.max()
assert {str(pid): peak for pid, peak in anon.items()} == expected["anon"], anon
# What a picture of it needs, in one line.
samples.pivot_table(index="seconds", columns=["metric", "process"], values="value")
print(len(samples))
