#!/usr/bin/env python3
"""toxicity: Atelier's head beside scikit-learn's tf-idf and logistic regression on the same texts.

Usage: bench/toxicity.py [SEED ...]     (default: 42)
TWEETS: labeled_data.csv of Davidson et al. (hate and offensive are toxic), split 80 : 20 with the
seed; REVIEWS: a CSV with Review Text, half of it learnt as clean texts, half to count false alarms
(defaults: the real data beside the project). Ours fits by `atelier toxicity --fit` on the learnt
parts alone and is judged on what `atelier toxicity --model` writes for the others; the peer gets
tf-idf of 1 and 2 words (2 texts or more, sublinear), its C by three folds, and the cut 1/2.
DISGUISED: the toxic test tweets with digits for letters, an asterisk, dots or Cyrillic letters.
Vectors (second model of ours) only where the weights are; CACHE keeps them (minutes on a first
run). Prints AUC, shares above the cut, and processor seconds of fit and of reading, vectors apart.
"""
import csv
import os
import re
import resource
import subprocess
import sys
import time

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

DATA = os.environ.get("ATELIER_DATA", "../shared/data")
TWEETS = os.environ.get("TWEETS", DATA + "/toxicity/labeled_data.csv")
REVIEWS = os.environ.get("REVIEWS", DATA + "/reviews/Womens Clothing E-Commerce Reviews.csv")
WORK, ATELIER = "build/bench-toxicity", os.environ.get("ATELIER", "build/release/atelier")
CACHE = os.environ.get("CACHE", os.path.join(WORK, ".vectors"))
LOOK_ALIKE = {ord(a): b for a, b in zip("aeiocsx", "\u0430\u0435\u0456\u043e\u0441\u0455\u0445")}
DIGITS = str.maketrans("aeios", "43105")


def column(path, name):
    with open(path, encoding="utf8", newline="") as file:
        return [r[name] for r in csv.DictReader(file)]


def write(name, header, rows):
    path = os.path.join(WORK, name)
    with open(path, "w", encoding="utf8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def atelier(*words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([ATELIER, *words], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def disguise(text, how):
    def one(match):
        word = match.group()
        if how == 0:
            return word[0] + word[1:].translate(DIGITS)
        if how == 1:
            return word[0] + "*" + word[2:]
        return ".".join(word) if how == 2 else word.translate(LOOK_ALIKE)
    return re.sub(r"[A-Za-z]{4,}", one, text)


def report(name, y, p, flagged, clean, hidden, fit, read):
    print(f"| {name} | {roc_auc_score(y, p):.4f} | {100 * flagged[y == 1].mean():.1f} | "
          f"{100 * flagged[y == 0].mean():.1f} | {1e4 * clean.mean():.1f} | "
          f"{100 * hidden.mean():.1f} | {fit:.1f} | {read:.2f} |", flush=True)


def ours(name, encoder, fit_files, test, y, clean, hidden):
    model, out = os.path.join(WORK, "model"), os.path.join(WORK, "said.csv")
    words = ["--encoder", encoder, "--precision", "int8", "--cache", CACHE]
    parts, p, seconds = [], None, 0
    for attempt in range(1 if encoder == "none" else 2):  # the second finds its vectors
        fit = atelier("toxicity", "--fit", "--in", fit_files[0], "--text", "text", "--label", "toxic",
                      "--clean", fit_files[1], "--clean-text", "text", "--clean-share", "1",
                      "--holdout", "0", "--model", model, *words)
    reading = words if encoder == "none" else ["--precision", "int8", "--cache", CACHE]
    for path in (test, clean, hidden):
        if encoder != "none":
            atelier("toxicity", "--in", path, "--text", "text", "--model", model, "--out", out,
                    *reading)
        seconds += atelier("toxicity", "--in", path, "--text", "text", "--model", model, "--out",
                           out, *reading)
        with open(out, encoding="utf8", newline="") as file:
            rows = list(csv.DictReader(file))
        p = np.array([float(r["probability"] or 0) for r in rows]) if p is None else p
        parts.append(np.array([r["level"] in ("review", "block") for r in rows]))
    report(name, y, p, *parts, fit, seconds)


def peer(train, y_train, clean_fit, texts, y, clean, hidden):
    start = time.process_time()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    x = vectorizer.fit_transform(train + clean_fit)
    labels = np.concatenate([y_train, np.zeros(len(clean_fit), int)])
    m = LogisticRegressionCV(Cs=[1, 3, 10, 30], cv=3, max_iter=500, scoring="neg_log_loss",
                             l1_ratios=(0,), use_legacy_attributes=True).fit(x, labels)
    fit = time.process_time() - start
    start = time.process_time()
    p = [m.predict_proba(vectorizer.transform(part))[:, 1] for part in (texts, clean, hidden)]
    read = time.process_time() - start
    report("scikit-learn: tf-idf", y, p[0], *(one > 0.5 for one in p), fit, read)


def main():
    os.makedirs(WORK, exist_ok=True)
    tweets = column(TWEETS, "tweet")
    toxic = np.array([int(c != "2") for c in column(TWEETS, "class")])
    reviews = sorted({r.strip() for r in column(REVIEWS, "Review Text") if r.strip()})
    for seed in map(int, sys.argv[1:] or ["42"]):
        fit, test = train_test_split(np.arange(len(tweets)), test_size=0.2, random_state=seed)
        learnt, unseen = train_test_split(reviews, test_size=0.5, random_state=seed)
        hidden = [disguise(tweets[i], k % 4) for k, i in enumerate(test) if toxic[i]]
        files = [write("fit.csv", ("text", "toxic"), [(tweets[i], toxic[i]) for i in fit]),
                 write("clean-fit.csv", ("text",), [(r,) for r in learnt])]
        judged = [write("test.csv", ("text",), [(tweets[i],) for i in test]),
                  write("clean.csv", ("text",), [(r,) for r in unseen]),
                  write("hidden.csv", ("text",), [(t,) for t in hidden])]
        print(f"\nseed {seed}: {len(fit)} and {len(test)} tweets, {len(learnt)} and {len(unseen)} "
              "clean reviews\n\n| model | AUC | toxic flagged, % | others flagged, % | clean flagged"
              " of 10,000 | disguised flagged, % | fit, cpu s | read, cpu s |\n"
              "|---|---|---|---|---|---|---|---|")
        y = toxic[test]
        peer([tweets[i] for i in fit], toxic[fit], learnt, [tweets[i] for i in test], y, unseen,
             hidden)
        ours("**ours**: words", "none", files, judged[0], y, *judged[1:])
        if os.environ.get("WORDS_ALONE") != "1":
            ours("**ours**: words and vectors", "gte-small", files, judged[0], y, *judged[1:])


if __name__ == "__main__":
    main()
