"""sweeps: the fault at one call after the other: kills, lost power, full disks, no memory."""
import errno, os, random, sys
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


def faulty(bench, step, kind, n, stale, to_the_end, number=errno.EIO):
    """One fault in one step, then a run without: the verdict, or why not. Not to_the_end: without
    that run; that all it would read is as it was is looked at each time."""
    out = bench.disturbed(step, stale)
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
        why = why or bench.halves(out) or bench.disturbs_others(out, step, stale)
    if to_the_end or why:
        why = why or next_run(bench, out, bench.left[step, stale])
    bench.drop(out)
    made = "beside an old one" if stale else "made"
    return f"{kind} {n} of {step}, {made}: {why}" if why else None, ended.returncode


def next_run(bench, out, wanted):
    """The same run without a fault: why it does not end in the undisturbed bytes, or None."""
    again = bench.run(out)
    if again.returncode != 0:
        return f"the next run ended with {again.returncode}: {said(again)}"
    left = [name for name in os.listdir(out) if ".tmp-" in name]
    return bench.differs(out, wanted) or (f"{left[0]} was left" if left else None)


def sweep(bench, title, points, number=errno.EIO, workers=2):
    """points: (step, kind, n, stale, to_the_end). One row of the table; True when all held."""
    if not bench.wants(title):
        return True
    steps = [word for word in bench.rows if word in STEPS]
    points = [point for point in points if not steps or point[0] in steps]
    done = []
    with ThreadPoolExecutor(workers) as pool:
        for verdict in pool.map(lambda point: faulty(bench, *point, number), points):
            done.append(verdict)
            print(f"\r{title}: {len(done)} of {len(points)}", end="", file=sys.stderr, flush=True)
    print("\r\033[K", end="", file=sys.stderr)
    bad = [why for why, _ in done if why]
    ends = {}
    for _, status in done:
        ends[status] = ends.get(status, 0) + 1
    followed = sum(point[4] for point in points)
    how = ", ".join(f"{n}x exit {s}" if s >= 0 else f"{n}x signal {-s}"
                    for s, n in sorted(ends.items()))
    print(f"{title:<44} {len(done) - len(bad)} of {len(done)} ({how}; {followed} followed by a whole run)", flush=True)
    for why in bad[:20]:
        print(f"    {why}", flush=True)
    return not bad


def points_of(counts, kind, sort, share):
    """share(i): how many points in step i, half of them beside an old folder."""
    points = []
    for i, step in enumerate(STEPS):
        states = [stale for stale in (False, True) if (step, stale) in counts]
        for k, stale in enumerate(states):
            n = share(i) // len(states) + (k < share(i) % len(states))
            places = spread(counts[step, stale][sort], n, 2 * i + k)
            points += [(step, kind, at, stale, is_followed(kind, i, m)) for m, at in enumerate(places)]
    return points


def is_followed(kind, i, m):
    """Whether the next run goes to the end: after every fault in steps 01 to 06, after each fourth
    in those that take seconds, where a kill leaves nothing that the next run reads."""
    return kind != "kill" or i < 6 or m % 4 == 0


def kills(bench, counts, few):
    share = (lambda i: int(i in (0, 2, 5, 7, 9))) if few else (lambda i: POINTS[i])
    held = sweep(bench, "P01 kill -9, then the same run again", points_of(counts, "kill", "kill", share))
    if few:
        return held
    held &= sweep(bench, "P02 kill -9 at each fsync and rename", after_syncs(counts))
    return held & sweep(bench, "P09 power lost: what no fsync followed is gone",
                        points_of(counts, "power", "kill", lambda i: 6 if i < 6 else 2))


def after_syncs(counts):
    """The end of every step: its files are synced one by one, the manifest written, all renamed."""
    ends = [(step, n % 2 == 0, back) for i, step in enumerate(STEPS)
            for n, back in enumerate(range(12 if i < 6 else 4, -1, -1))]
    return [(step, "kill", counts[step, stale]["kill"] - back, stale, STEPS.index(step) < 6 or back % 4 == 0)
            for step, stale, back in ends]


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
