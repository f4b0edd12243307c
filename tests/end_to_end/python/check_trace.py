"""Reads a trace with Perfetto's own schema: check_trace.py TRACE EXPECTED, the latter as JSON."""

import json
import sys

from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as schema

with open(sys.argv[1], "rb") as file:
    data = file.read()
with open(sys.argv[2]) as file:
    expected = json.load(file)

trace = schema.Trace()
trace.ParseFromString(data)
trace.DiscardUnknownFields()
assert trace.ByteSize() == len(data), "it has fields that the schema doesn't know"

event = schema.TrackEvent
tracks, counters, slices, instants, last = {}, {}, {}, [], 0
for number, packet in enumerate(trace.packet):
    assert packet.trusted_packet_sequence_id == 1
    is_first = bool(packet.sequence_flags & schema.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED)
    assert is_first == (number == 0)
    if packet.HasField("track_descriptor"):
        track = packet.track_descriptor
        assert track.uuid not in tracks and (not track.parent_uuid or track.parent_uuid in tracks)
        tracks[track.uuid] = track
        continue
    assert packet.timestamp >= last, "time runs backwards"
    last = packet.timestamp
    seen, track = packet.track_event, tracks[packet.track_event.track_uuid]
    if seen.type == event.TYPE_COUNTER:
        assert track.HasField("counter")
        counters.setdefault(track.uuid, []).append((packet.timestamp, seen.counter_value))
    elif seen.type == event.TYPE_SLICE_BEGIN:
        slices.setdefault(track.uuid, []).append([seen.name, packet.timestamp, None])
    elif seen.type == event.TYPE_SLICE_END:
        slices[track.uuid][-1][2] = packet.timestamp
    else:
        assert seen.type == event.TYPE_INSTANT
        instants.append((packet.timestamp, seen.name))

run = next(iter(tracks))
named = {track.name: uuid for uuid, track in tracks.items() if track.parent_uuid == run}
for name, peak in expected["peaks"].items():
    track = named.get(f"{name} (highest)", named.get(name))
    is_time = tracks[track].counter.unit == schema.CounterDescriptor.UNIT_TIME_NS
    assert max(value for _, value in counters[track]) == peak * (1000 if is_time else 1), name
units = {tracks[named[name]].counter.unit for name in ("rss", "processes")}
assert units == {schema.CounterDescriptor.UNIT_SIZE_BYTES, schema.CounterDescriptor.UNIT_COUNT}
assert [[name, begin] for name, begin, _ in slices[named["phases"]]] == expected["marks"]
assert all(end is not None and end >= begin for each in slices.values() for _, begin, end in each)
processes = {track.process.pid: uuid for uuid, track in tracks.items() if track.HasField("process")}
assert set(expected["pids"]) == set(processes), processes
for pid, anon in expected["anon"].items():
    own = {track.name: uuid for uuid, track in tracks.items() if track.parent_uuid == processes[int(pid)]}
    curve = counters[own.get("anon (highest)", own["anon"])]
    assert max(value for _, value in curve) == anon, f"{pid}: {curve}"
assert len(instants) == expected["moments"], instants
print(len(trace.packet), len(counters))
