"""sweeps: the fault at one call after the other: kills, lost power, full disks, no memory."""
import errno, os, random
from concurrent.futures import ThreadPoolExecutor

from common import STEPS, said

# Kill points a step; the steps of models take longest.
POINTS = [24, 24, 24, 24, 24, 20, 16, 16, 16, 16]


def spread(most, n, seed):
    """n numbers of 1..most, one in each n-th part; all of them when they are fewer."""
    draw = random.Random(seed)
    if most <= n:
        return list(range(1, most + 1))
    return sorted({1 + int((i + draw.random()) * most / n) for i in range(n)})


def faulty(bench, step, kind, n, number=errno.EIO, stale=False):
    """One fault in one step, then a run without: the verdict, or why not."""
    out = bench.stale(step) if stale else bench.without(step)
    os.makedirs(os.path.join(out, ".spill.tmp-1", "more"))  # of a run that was killed before
    ended = bench.run(out, "--to", step, fault={"kind": kind, "at": n, "errno": number})
    died = ended.returncode < 0
    if kind in ("kill", "power"):
        fit = ended.returncode == -9
    elif kind == "library":  # inside a library: an error or the end of the process
        fit = died or ended.returncode in (0, 1)
    else:
        fit = ended.returncode in (0, 1)
    why = None if fit else f"ended with {ended.returncode}: {said(ended)}"
    if ended.returncode == 1 and not said(ended).startswith("atelier: "):
        why = why or f"no sentence: {said(ended)}"
    if kind != "power":  # what is lost with the power is found by the next run
        why = why or bench.halves(out)
    again = bench.run(out)
    if again.returncode != 0:
        why = why or f"the next run ended with {again.returncode}: {said(again)}"
    why = why or bench.differs(out)
    left = [name for name in os.listdir(out) if ".tmp-" in name]
    why = why or (f"{left[0]} was left" if left else None)
    bench.drop(out)
    return f"{kind} {n} of {step}: {why}" if why else None, ended.returncode


def sweep(bench, title, points, number=errno.EIO, workers=2):
    """points: (step, kind, n). One row of the table; True when all held."""
    def one(point):
        step, kind, n = point
        return faulty(bench, step, kind, n, number, stale=n % 2 == 0)
    with ThreadPoolExecutor(workers) as pool:
        done = list(pool.map(one, points))
    bad = [why for why, _ in done if why]
    ends = {}
    for _, status in done:
        ends[status] = ends.get(status, 0) + 1
    how = ", ".join(f"{n}x exit {s}" if s >= 0 else f"{n}x signal {-s}"
                    for s, n in sorted(ends.items()))
    print(f"{title:<44} {len(done) - len(bad)} of {len(done)} ({how})", flush=True)
    for why in bad[:5]:
        print(f"    {why}", flush=True)
    return not bad


def points_of(counts, kind, sort, share):
    """share(i): how many points in step i."""
    return [(step, kind, n) for i, step in enumerate(STEPS)
            for n in spread(counts[step][sort], share(i), i)]


def kills(bench, counts, few):
    share = (lambda i: i in (0, 2, 5, 7, 9)) if few else (lambda i: POINTS[i])
    held = sweep(bench, "P01 kill -9, then the same run again", points_of(counts, "kill", "kill", share))
    if few:
        return held
    held &= sweep(bench, "P02 kill -9 at each fsync and rename", after_syncs(counts))
    return held & sweep(bench, "P09 power lost: what no fsync followed is gone",
                        points_of(counts, "power", "kill", lambda i: 6 if i < 6 else 2))


def after_syncs(counts):
    """The end of every step: its files are synced one by one, the manifest written, all renamed."""
    return [(step, "kill", n) for i, step in enumerate(STEPS)
            for n in range(counts[step]["kill"] - (12 if i < 6 else 4), counts[step]["kill"] + 1)]


def failures(bench, counts, few):
    """Files and memory that fail at the n-th call, each in some places of each step."""
    share = lambda most: (lambda i: i == 0 if few else most if i < 6 else max(1, most // 8))
    held = True
    for title, kind, number, most in [
            ("P04 no space left at the n-th write", "write", errno.ENOSPC, 12),
            ("P06 the n-th write is interrupted (EINTR)", "write", errno.EINTR, 4),
            ("P05 the n-th write fails (EIO)", "write", errno.EIO, 8),
            ("P05 the n-th file cannot be made (EACCES)", "open", errno.EACCES, 8),
            ("P08 the n-th fsync fails (EIO)", "sync", errno.EIO, 8),
            ("P08 the n-th rename fails (EIO)", "rename", errno.EIO, 9),
            ("P03 no memory, n-th call of the program", "malloc", errno.ENOMEM, 40),
            ("P03 no memory, n-th map of the program", "map", errno.ENOMEM, 16),
            ("P03 no memory, n-th call of a library", "library", errno.ENOMEM, 16)]:
        held &= sweep(bench, title, points_of(counts, kind, kind, share(most)), number)
    return held
