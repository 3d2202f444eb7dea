"""Where the time of a training step goes, operation by operation, as Python's TensorFlow traces it: called by bench/trace.mjs.

  trace.py DIRECTORY [--steps 12]

DIRECTORY holds saved_model.pb and step.json. Prints milliseconds of a step by kind of operation and by layer; operations that run at the same time count each.
"""
import argparse
import collections
import json
import os
import re

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import numpy as np
import tensorflow.compat.v1 as tf

parser = argparse.ArgumentParser()
parser.add_argument("directory")
parser.add_argument("--steps", type=int, default=12)
options = parser.parse_args()

with open(os.path.join(options.directory, "step.json")) as file:
    step = json.load(file)
random = np.random.default_rng(1)
TYPES = {"float32": np.float32, "int32": np.int32, "uint8": np.uint8}


def value(feed):
    """Numbers of a usual size: weights small, statistics and rates positive."""
    numbers = np.abs(random.standard_normal(feed["shape"])) * 0.05 + 1e-3
    return numbers.astype(TYPES[feed["dtype"]])


tf.disable_eager_execution()
with tf.Session() as session:
    tf.saved_model.load(session, ["serve"], options.directory)
    session.run(step["state"]["fetch"], {feed["name"] + ":0": value(feed) for feed in step["state"]["feeds"]})
    feeds = {feed["name"] + ":0": value(feed) for feed in step["feeds"]}
    for name in ("learning_rate:0", "decay:0"):
        if name in feeds:
            feeds[name] = feeds[name] * 0
    for _ in range(5):
        session.run(step["fetches"], feeds)
    kinds, layers, total, counts = collections.Counter(), collections.Counter(), 0, collections.Counter()
    for _ in range(options.steps):
        metadata = tf.RunMetadata()
        session.run(step["fetches"], feeds, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata)
        first, last = 1e30, 0
        for device in metadata.step_stats.dev_stats:
            for node in device.node_stats:
                started = node.all_start_micros
                took = node.op_end_rel_micros - node.op_start_rel_micros
                first, last = min(first, started), max(last, started + node.all_end_rel_micros)
                label = re.search(r"= (\w+)\(", node.timeline_label)
                kinds[label.group(1) if label else node.node_name.split(":")[-1]] += took
                counts[label.group(1) if label else node.node_name.split(":")[-1]] += 1
                layers[re.sub(r"/[^/]*$", "", node.node_name)] += took
        total += last - first
for title, counter in (("by kind of operation", kinds), ("by layer", layers)):
    print(f"\n{title}, ms a step")
    for name, micros in counter.most_common(22):
        times = f"  x {counts[name] // options.steps}" if counter is kinds else ""
        print(f"  {micros / options.steps / 1000:8.2f}  {name}{times}")
print(f"\na step from first to last: {total / options.steps / 1000:.1f} ms")
