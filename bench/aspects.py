#!/usr/bin/env python3
"""aspects: macro F1 on the hand-labelled sentences, by half, and clauses a second of 1 and 2 threads.

    bench/aspects.py [--in reviews.csv --text COLUMN]    # speed: default the sentences, many times

F1 is over the 24 pairs of an aspect with good or bad (tests/aspects/guide.md). Speed counts
processor time of the whole command, table and ready head included; beside it, in the same run, Python's re looking
for the same phrases and no more: what one would write instead.
"""
import argparse, collections, csv, glob, json, os, re, subprocess, tempfile, time

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
atelier = os.path.join(root, "build", "atelier")


def run(*words):
    return json.loads(subprocess.run([atelier, "aspects", *words, "--json"], check=True,
                                     capture_output=True, text=True).stdout)


def sentences(half):
    with open(os.path.join(root, "tests", "aspects", half + ".tsv")) as f:
        return [line.rstrip("\n").split("\t") for line in f]


def write(path, rows):
    with open(path, "w", newline="") as f:
        csv.writer(f).writerows([["text"]] + [[r[0]] for r in rows])


def macro_f1(rows, folder, model):
    table, result = os.path.join(folder, "in.csv"), os.path.join(folder, "out.csv")
    write(table, rows)
    run("--in", table, "--out", result, "--model", model)
    got = collections.defaultdict(set)
    with open(result, newline="") as f:
        for r in csv.DictReader(f):
            if r["polarity"] != "neutral":
                got[int(r["line"])].add(r["aspect"] + ":" + "-+"[r["polarity"] == "positive"])
    hit, wrong = collections.Counter(), collections.Counter()
    for i, r in enumerate(rows):
        wanted = {m for m in r[1].split(";") if m[-1] in "+-"}
        for m in wanted | got[i + 2]:
            hit[m] += m in wanted and m in got[i + 2]
            wrong[m] += (m in wanted) != (m in got[i + 2])
    return sum(2 * hit[m] / (2 * hit[m] + wrong[m]) for m in hit) / len(hit)


def cpu():
    t = os.times()
    return t.children_user + t.children_system


def by_re(texts):
    """Seconds in which one regular expression of all phrases of the lexicon finds them in texts."""
    phrases = set()
    for path in glob.glob(os.path.join(root, "src/models/language/aspects_[nct]*.c")):
        with open(path) as f:
            rows = re.findall(r'(?:"[^"]*"\s*)+', f.read())
        for row in rows:
            phrases.update("".join(re.findall(r'"([^"]*)"', row)).split("|"))
    phrases = sorted((p for p in phrases if re.fullmatch(r"[a-z' -]{2,}", p)), key=len, reverse=True)
    every = re.compile(r"\b(?:" + "|".join(map(re.escape, phrases)) + r")\b")
    start = time.process_time()
    found = sum(len(every.findall(t.lower())) for t in texts)
    return time.process_time() - start, found


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--in", dest="table")
    p.add_argument("--text", default="text")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for half in ("dev", "held", "second", "third"):
            rows = sentences(half)
            for model in ("none", "ready"):
                print(f"{half:6} {len(rows)} sentences, head {model:6} macro F1 "
                      f"{macro_f1(rows, folder, model):.4f}")
        table = a.table or os.path.join(folder, "many.csv")
        if not a.table:
            write(table, 100 * sentences("dev"))
        with open(table, newline="") as f:
            texts = [r[a.text] for r in csv.DictReader(f) if r[a.text]][:4000]
        seconds, found = by_re(texts)
        alone = seconds / len(texts)
        print(f"re      : {found} phrases in {len(texts)} texts, {seconds:.3f} s")
        for threads in ("1", "2"):
            before = cpu()
            r = run("--in", table, "--text", a.text, "--out", os.path.join(folder, "o.csv"),
                    "--threads", threads)
            s = cpu() - before
            print(f"{threads} threads: {r['texts']} texts, {r['clauses']} clauses in {s:.3f} s "
                  f"of processors: {r['clauses'] / s:,.0f} a second, {alone * r['texts'] / s:.1f} x re; "
                  f"{r['without_opinion']} of {r['mentions']} mentions without an opinion")


main()
