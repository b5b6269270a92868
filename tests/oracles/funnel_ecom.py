"""Counts of tests/surfaces_funnel.c: a funnel over the public event log, straight from the
definition, user by user, without any of the program's code.  python3 funnel_ecom.py ecom.csv.gz"""
import collections, csv, datetime, gzip, sys

STEPS = ["catalog", "product_view", "add_to_cart", "purchase"]
WINDOW = 14 * 86400
users = collections.defaultdict(list)
for row in csv.DictReader(gzip.open(sys.argv[1], "rt")):
    t = datetime.datetime.strptime(row["timestamp"], "%Y-%m-%d %H:%M:%S").timestamp()
    users[row["user_id"]].append((int(t), row["event"], row["session_id"]))


def loose(events):
    """Every first step in turn, then the earliest possible next event (steps are all different)."""
    best = 0
    for start, name, _ in events:
        if name != STEPS[0]:
            continue
        at, level = start, 1
        while level < len(STEPS):
            later = [t for t, e, _ in events if e == STEPS[level] and at <= t <= start + WINDOW]
            if not later:
                break
            at, level = min(later), level + 1
        best = max(best, level)
    return best


def strict(events):
    """Runs of the sorted list; the log has few equal times: all their orders are tried."""
    best = 0
    times = sorted({t for t, _, _ in events})
    groups = [[e for t, e, _ in events if t == at] for at in times]

    def go(g, level, start, left):
        nonlocal best
        best = max(best, level)
        if level == len(STEPS):
            return
        if STEPS[level] in left:  # another event of the same instant
            rest = list(left)
            rest.remove(STEPS[level])
            go(g, level + 1, start, rest)
        whole = not left or start == times[g]  # an instant passed through is used up
        if whole and g + 1 < len(times) and times[g + 1] - start <= WINDOW:
            if STEPS[level] in groups[g + 1]:
                rest = list(groups[g + 1])
                rest.remove(STEPS[level])
                go(g + 1, level + 1, start, rest)

    for g, names in enumerate(groups):
        if STEPS[0] in names:
            rest = list(names)
            rest.remove(STEPS[0])
            go(g, 1, times[g], rest)
    return best


def any_order(events):
    return max((len({e for t, e, _ in events if e in STEPS and end - WINDOW <= t <= end})
                for end, _, _ in events), default=0)


def show(name, levels):
    print(name, [sum(level >= k for level in levels) for k in range(1, len(STEPS) + 1)])


ordered = [sorted(e) for e in users.values()]
show("loose", [loose(e) for e in ordered])
show("strict", [strict(e) for e in ordered])
show("any", [any_order(e) for e in ordered])

# sessions: a gap of more than 30 minutes within a user splits
sizes = []
for events in ordered:
    last = None
    for t, name, _ in events:
        if last is None or t - last > 1800:
            sizes.append(0)
        sizes[-1] += 1
        last = t
print("sessions", len(sizes), "of one event", sum(n == 1 for n in sizes), "longest", max(sizes))
