"""run: the fault tests of a run: python3 tests/faults/run.py PROGRAM SHOP RESULTS FOLDER [few | ROW …]

RESULTS is what an undisturbed run of the program over SHOP left; FOLDER is worked in. One row a
kind of fault: how often it held, and how the disturbed runs ended. Ends with 'ok', or not with 0.
Rows are named by their number, as P01; none named are all. A step's name keeps to its calls.
"""
import os, shutil, sys, time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sweeps, worlds
from common import Bench, STEPS


def main():
    program, shop, results, where = sys.argv[1:5]
    few = "few" in sys.argv[5:]
    rows = [word for word in sys.argv[5:] if word != "few"]
    shutil.rmtree(where, ignore_errors=True)
    bench = Bench(program, shop, results, where, rows)
    start = time.monotonic()
    tries = [(step, stale) for i, step in enumerate(STEPS) for stale in (False, True)
             if not few or stale == (i % 2 == 1)]
    with ThreadPoolExecutor(2) as pool:
        counts = dict(zip(tries, pool.map(lambda one: bench.counts(*one), tries)))
    total = sum(one["kill"] for (_, stale), one in counts.items() if few or not stale)
    print(f"a run opens, writes, syncs and renames {total} times", flush=True)
    # Step 10 made where no bundle was has nothing to look back at; all others leave the same.
    other = [one for one, left in bench.left.items() if left != bench.wanted and one != ("serve", False)]
    if other and not few:
        print(f"undisturbed runs differ: {other}", flush=True)
    held = (few or not other) and sweeps.kills(bench, counts, few)
    held &= worlds.all_of_them(bench, few)
    held &= sweeps.failures(bench, counts, few)
    print(f"{time.monotonic() - start:.0f} s")
    shutil.rmtree(where)
    if not held:
        sys.exit(1)
    print("ok")


main()
