"""Counts of tests/surfaces_paths.c: moves of sessions and a pattern in the public event log, in plain
Python, without any of the program's code.  python3 paths_ecom.py ecom.csv.gz"""
import collections, csv, datetime, gzip, sys

sessions = collections.defaultdict(list)
for i, r in enumerate(csv.DictReader(gzip.open(sys.argv[1], "rt"))):
    sessions[r["user_id"], r["session_id"]].append((r["timestamp"], i, r["event"]))
moves, users, found = collections.Counter(), collections.defaultdict(set), 0
for (user, _), events in sessions.items():
    events.sort()
    tokens = [e for k, (_, _, e) in enumerate(events) if k == 0 or events[k - 1][2] != e]
    for k in range(min(3, len(tokens))):
        move = (k + 1, tokens[k], tokens[k + 1] if k + 1 < len(tokens) else "(exit)")
        moves[move] += 1
        users[move].add(user)
    times = [(datetime.datetime.fromisoformat(t), e) for t, _, e in events]
    found += any(  # (?product_view).*(?add_to_cart)(?t<600)(?purchase)
        times[i][1] == "product_view" and times[j][1] == "add_to_cart"
        and times[k][1] == "purchase" and (times[k][0] - times[j][0]).total_seconds() < 600
        for i in range(len(times)) for j in range(i + 1, len(times))
        for k in range(j + 1, len(times)))
print(len(sessions), "sessions, with the pattern", found)
for move, n in sorted(moves.items(), key=lambda m: (m[0][0], -m[1], m[0]))[:3]:
    print(move, n, len(users[move]))
