#!/usr/bin/env python3
"""aspects: macro F1 on the hand-labelled sentences, by half, and clauses a second of 1 and 2 threads.

    bench/aspects.py [--in reviews.csv --text COLUMN]    # speed: default the sentences, many times

F1 is over the 24 pairs of an aspect with good or bad (tests/aspects/guide.md). Speed counts the
reading of plain texts (score_s of --json), the ready head included.
"""
import argparse, collections, csv, json, os, subprocess, tempfile

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
        for threads in ("1", "2"):
            r = run("--in", table, "--text", a.text, "--out", os.path.join(folder, "o.csv"),
                    "--threads", threads)
            s = r["timing"]["score_s"]
            print(f"{threads} threads: {r['texts']} texts, {r['clauses']} clauses in {s:.3f} s: "
                  f"{r['clauses'] / s:,.0f} a second; {r['without_opinion']} of {r['mentions']} "
                  "mentions without an opinion")


main()
