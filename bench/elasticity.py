#!/usr/bin/env python3
"""elasticity: Poisson elasticity with article and category-week effects, against pyfixest.

The same simulated rows in one run (ROWS=n, default 5 million: articles x 100 weeks in 20 categories,
planted elasticity -2, errors clustered by article). Ours on 1 and 2 threads, best of two; pyfixest's
fepois on the rows of one data frame, compiled before the clock starts, best of two.
"""
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/release/bench/elasticity"
ROWS, WEEKS, CATEGORIES = int(os.environ.get("ROWS", "5000000")), 100, 20

try:
    import numpy as np
    import pandas as pd
    import pyfixest
except ImportError as missing:
    print(f"skipped: {missing.name} is not here; tools/setup.sh --dev installs the peers")
    sys.exit(0)

subprocess.run(["make", "-s", str(PROGRAM.relative_to(ROOT))], cwd=ROOT, check=True)
folder = ROOT / "build" / "bench" / "elasticity"
folder.mkdir(parents=True, exist_ok=True)
articles = ROWS // WEEKS
rng = np.random.default_rng(1)
article = np.repeat(np.arange(articles, dtype=np.int32), WEEKS)
week = np.tile(np.arange(WEEKS, dtype=np.int32), articles)
cell = (article % CATEGORIES) * WEEKS + week
price = np.log(20 * rng.choice([1, 0.85, 0.7, 0.5], article.size, p=[0.7, 0.15, 0.1, 0.05]))
level = rng.normal(1, 1, articles)[article] + 0.4 * np.sin(0.12 * week + article % CATEGORIES)
y = rng.poisson(np.exp(level - 2 * (price - np.log(20)))).astype(float)
y.tofile(folder / "y.f64")
price.tofile(folder / "x.f64")
article.tofile(folder / "article.i32")
cell.astype(np.int32).tofile(folder / "cell.i32")

fits = {}
for threads in (1, 2):
    words = [PROGRAM, folder, article.size, articles, CATEGORIES * WEEKS, threads]
    done = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
    fits[threads] = json.loads(done.stdout)
    print(f"ours, {threads} thread{'s' if threads > 1 else ''}: {fits[threads]['seconds']:.2f} s "
          f"({fits[threads]['cpu']:.2f} s of processor, {fits[threads]['rounds']} rounds), "
          f"elasticity {fits[threads]['beta']:.8f} ({fits[threads]['se']:.8f})")

frame = pd.DataFrame({"y": y, "x": price, "article": article, "cell": cell})


def theirs(rows):
    start, used = time.perf_counter(), time.process_time()
    fit = pyfixest.fepois("y ~ x | article + cell", data=rows, vcov={"CRV1": "article"})
    return time.perf_counter() - start, time.process_time() - used, fit


theirs(frame.head(20000))
took, used, fit = min((theirs(frame) for _ in range(int(os.environ.get("PEER", "2")))),
                key=lambda one: one[0])
print(f"pyfixest {pyfixest.__version__}: {took:.2f} s ({used:.2f} s of processor), elasticity {fit.coef()['x']:.8f} "
      f"({fit.se()['x']:.8f})")
print(f"ratio: {took / fits[2]['seconds']:.1f} on 2 threads, {took / fits[1]['seconds']:.1f} on 1; of "
      f"processor {used / fits[1]['cpu']:.1f}")
