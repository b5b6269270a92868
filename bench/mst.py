"""mst: the spanning tree of mutual reachability against quitefastmst's, on 1 and 2 threads.

250 k rows of a normal cloud (the hard case) and of ten blobs, 2, 5 and 8 columns, 10 neighbours, in
one run; ours best of three, the peer's best of two. Seconds by the wall and, in brackets, of the
processor. ROWS=n sets how many rows, COLUMNS=2,5,8 which widths, KINDS=cloud,blobs which tables;
PEERS=quitefastmst,fast_hdbscan,hdbscan adds the whole of two packages (minutes each)."""
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS, NEIGHBOURS = int(os.environ.get("ROWS", "250000")), 10
KINDS = os.environ.get("KINDS", "cloud,blobs").split(",")
PEERS = os.environ.get("PEERS", "quitefastmst").split(",")
COLUMNS = [int(d) for d in os.environ.get("COLUMNS", "2,5,8").split(",")]
try:
    import numpy as np
    import quitefastmst
except ImportError:
    print("skipped: quitefastmst is not installed (bench/requirements.txt)")
    sys.exit(0)


def peer(name, file, columns):
    """One peer in a process of its own, whose environment says how many threads it has."""
    x = np.fromfile(file, dtype=np.float32).reshape(-1, columns)
    if name == "quitefastmst":
        def run(rows):
            return float(quitefastmst.mst_euclid(rows, NEIGHBOURS)[0].sum())
    elif name == "fast_hdbscan":
        import fast_hdbscan

        def run(rows):
            fast_hdbscan.HDBSCAN(min_samples=NEIGHBOURS, min_cluster_size=50).fit(rows)
            return 0.0
    else:
        import hdbscan

        def run(rows):
            hdbscan.HDBSCAN(min_samples=NEIGHBOURS, min_cluster_size=50,
                            core_dist_n_jobs=int(os.environ["OMP_NUM_THREADS"])).fit(rows)
            return 0.0
    run(x[:2000])
    wall = cpu = 1e9
    for _ in range(2 if name == "quitefastmst" else 1):
        w, c = time.perf_counter(), sum(os.times()[:4])
        weight = run(x)
        wall = min(wall, time.perf_counter() - w)
        cpu = min(cpu, sum(os.times()[:4]) - c)
    print(json.dumps({"wall": wall, "cpu": cpu, "weight": weight}))


def measured(words, threads):
    names = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    environment = {**os.environ, **{name: str(threads) for name in names}}
    out = subprocess.run([str(w) for w in words], env=environment, capture_output=True, text=True)
    return json.loads(out.stdout.splitlines()[-1]) if out.returncode == 0 else None


def main():
    subprocess.run(["make", "-s", "build/release/bench/mst"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{ROWS} rows, {NEIGHBOURS} neighbours; seconds by the wall (processor)")
    for kind in KINDS:
        for d in COLUMNS:
            rng = np.random.default_rng(d)
            x = rng.normal(0, 1, (ROWS, d))
            if kind == "blobs":
                x += rng.uniform(-10, 10, (10, d))[rng.integers(0, 10, ROWS)]
            file = folder / f"mst-{kind}{d}.f32"
            x.astype(np.float32).tofile(file)
            for threads in (1, 2):
                mine = measured([ROOT / "build/release/bench/mst", file, ROWS, d, NEIGHBOURS,
                                 threads, 3], threads)
                print(f"  {kind} x {d}, {threads} threads: atelier {mine['wall']:7.2f}"
                      f" ({mine['cpu']:.2f}), {mine['bytes']:.0f} bytes a row", flush=True)
                for name in PEERS:
                    r = measured([sys.executable, __file__, name, file, d], threads)
                    if r is None:
                        print(f"    {name:12} is not installed")
                        continue
                    same = f", weight / ours - 1 = {r['weight'] / mine['weight'] - 1:.0e}"
                    print(f"    {name:12} {r['wall']:7.2f} ({r['cpu']:.2f})   ratio"
                          f" {r['wall'] / mine['wall']:.1f} ({r['cpu'] / mine['cpu']:.1f})"
                          f"{same if r['weight'] else ''}", flush=True)


if len(sys.argv) == 4:
    peer(sys.argv[1], sys.argv[2], int(sys.argv[3]))
else:
    main()
