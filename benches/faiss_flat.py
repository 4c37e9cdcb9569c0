"""Times faiss-cpu on the vectors that the Rust side wrote, one query at a time, on one thread.

    faiss_flat.py FOLDER ROWS DIMENSIONS QUERIES

prints one line per metric: its name and the median time of a query in seconds.
"""
import statistics
import sys
import time

import faiss
import numpy

folder, rows, dimensions, queries = sys.argv[1], *map(int, sys.argv[2:5])
faiss.omp_set_num_threads(1)
data = numpy.fromfile(f"{folder}/rows.f32", dtype="float32").reshape(rows, dimensions)
asked = numpy.fromfile(f"{folder}/queries.f32", dtype="float32").reshape(queries, dimensions)


def normalized(values):
    return values / numpy.linalg.norm(values, axis=1, keepdims=True)


for metric, index, stored, query in [
    ("l2", faiss.IndexFlatL2(dimensions), data, asked),
    ("dot", faiss.IndexFlatIP(dimensions), data, asked),
    ("cosine", faiss.IndexFlatIP(dimensions), normalized(data), normalized(asked)),
]:
    index.add(stored)
    times = []
    for one in query:
        start = time.perf_counter()
        index.search(one[None, :], 10)
        times.append(time.perf_counter() - start)
    print(metric, statistics.median(times))
    del index
