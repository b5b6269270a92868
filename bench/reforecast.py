"""reforecast: a table of 1,000 monthly series of which 50 grew: from scratch and with --state.

Both runs end with the same bytes, or this says so and fails. MODEL=ets and SERIES=n change it.
"""
import math
import os
import pathlib
import random
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench"
PROGRAM = os.environ.get("ATELIER", str(ROOT / "build" / "release" / "atelier"))
COUNT, MODEL = int(os.environ.get("SERIES", "1000")), os.environ.get("MODEL", "ets")
GROWN, MONTHS = COUNT // 20, 96


def write(path, grown):
    rng = random.Random(1)
    with open(path, "w") as f:
        f.write("series,t,y\n")
        for i in range(COUNT):
            level, slope, wave = rng.uniform(50, 500), rng.uniform(0, 2), rng.uniform(0, 0.4)
            for t in range(MONTHS + 1):
                y = (level + slope * t) * (1 + wave * math.sin(2 * math.pi * (t + i) / 12))
                y *= 1 + 0.05 * rng.gauss(0, 1)
                if t < MONTHS or (grown and i % 20 == 0):
                    f.write(f"s{i:05},{t},{y:.2f}\n")


def run(table, out, state=None):
    words = [PROGRAM, "forecast", "--in", table, "--model", MODEL, "--season", "12", "--horizon",
             "12", "--threads", "1", "--out", out] + (["--state", state] if state else [])
    start = time.perf_counter()
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


WORK.mkdir(parents=True, exist_ok=True)
before, after, state = WORK / "grow-0.csv", WORK / "grow-1.csv", WORK / "grow.state"
state.unlink(missing_ok=True)
write(before, False), write(after, True)
run(before, WORK / "grow-0-out.csv", state)
scratch = run(after, WORK / "grow-a.csv")
again = run(after, WORK / "grow-b.csv", state)
if (WORK / "grow-a.csv").read_bytes() != (WORK / "grow-b.csv").read_bytes():
    sys.exit("reforecast: the results differ")
print(f"reforecast: {MODEL}, {COUNT} series of which {GROWN} grew: from scratch {scratch:.2f} s, with "
      f"--state {again:.2f} s: {scratch / again:.1f} times as fast, same bytes")
