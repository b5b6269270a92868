#!/usr/bin/env python3
"""similar: the similar-items table (24 of each article) over a whole catalogue, against SciPy.

Usage: bench/similar.py [CATALOGUE.csv [DESCRIPTIONS.csv]]
Without files: articles_full.csv (105,542 articles) and articles_sample_with_desc.csv of the H&M
folder of the real data. Twice: with the descriptions that are there, and with one for every
article (lent by an article of the same type), as a full catalogue has. Prints seconds and
processor seconds on 1 and 2 threads, and the time of SciPy's sparse product with the selection of
24 for a sample of articles, scaled to all.
"""
import csv
import os
import subprocess
import sys
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
DATA = os.path.join(os.environ.get("ATELIER_DATA", os.path.join(ROOT, "../shared/data")), "hm")
FILES = (sys.argv[1:] + [os.path.join(DATA, "articles_full.csv"),
                         os.path.join(DATA, "articles_sample_with_desc.csv")][len(sys.argv) - 1:])
ATTRIBUTES = ["product_type_name", "garment_group_name", "department_name", "section_name",
              "index_group_name", "colour_group_name", "graphical_appearance_name",
              "product_group_name"]
K, SAMPLE = 24, 1000

if not all(os.path.exists(f) for f in FILES):
    print("skipped: no catalogue; name one")
    sys.exit(0)
try:
    import numpy as np
    import scipy.sparse as sp
except ImportError as missing:
    print(f"skipped: {missing.name} is not here; tools/setup.sh --dev installs the peers")
    sys.exit(0)


def key(text):
    return text.lstrip("0")


def articles(everywhere):
    """One list of fields an article: text, product code, attributes."""
    with open(FILES[0], newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    described, lent = {}, {}
    with open(FILES[1], newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            described[key(row["article_id"])] = row["detail_desc"]
            lent.setdefault(row["product_type_name"], []).append(row["detail_desc"])
    for row in rows:
        name = key(row["article_id"])
        text = described.get(name, "")
        if everywhere and not text:
            choice = lent.get(row["product_type_name"]) or next(iter(lent.values()))
            text = choice[int(name[:-3]) * 7919 % len(choice)]  # one for all colours of a product
        values = [row.get(a, "") for a in ATTRIBUTES]
        yield [" ".join([row["prod_name"], *values, text]).lower(), name[:-3], *values]


def write(path, everywhere):
    n = 0
    with open(path, "wb") as out:
        for fields in articles(everywhere):
            for value in fields:
                raw = value.encode()
                out.write(len(raw).to_bytes(4, "little") + raw)
            n += 1
    return n


def scipy_seconds(path):
    head = np.fromfile(path, np.int64, 3)
    rows, cols, count = (int(v) for v in head)
    with open(path, "rb") as f:
        f.seek(24)
        at = np.fromfile(f, np.int64, rows + 1)
        col, value = np.fromfile(f, np.int32, count), np.fromfile(f, np.float32, count)
    m = sp.csr_matrix((value, col, at), (rows, cols))
    turned = m.T.tocsr()
    start = time.perf_counter()
    for first in range(0, SAMPLE, 100):
        scores = (m[first:first + 100] @ turned).toarray()
        np.argpartition(-scores, K, axis=1)[:, :K]
    return (time.perf_counter() - start) * rows / SAMPLE


def main():
    subprocess.run(["make", "-s", "build/release/bench/similar"], cwd=ROOT, check=True)
    program = os.path.join(ROOT, "build/release/bench/similar")
    path = os.path.join(ROOT, "build/similar.fields")
    for everywhere in (False, True):
        n = write(path, everywhere)
        print(f"{n:,} articles, {'every one' if everywhere else 'some'} with a description",
              flush=True)
        words = [program, path, str(n), str(2 + len(ATTRIBUTES)), str(K)]
        for more in (["2", path + ".matrix"], ["1", path + ".matrix"],
                     ["1", path + ".matrix", str(SAMPLE)]):
            subprocess.run(words + more, check=True)
        print(f"  SciPy product and selection, 1 thread: about {scipy_seconds(path + '.matrix'):.0f}"
              " s", flush=True)
    os.remove(path)
    os.remove(path + ".matrix")


main()
