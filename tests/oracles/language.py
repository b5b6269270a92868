#!/usr/bin/env python3
"""language: numbers of scikit-learn 1.9.1 for the tests of tf-idf, logistic regression and metrics.

Run with the Python of build/peers; the printed numbers stand in tests/models_language.c."""
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss, roc_auc_score

TEXTS = ["The dress fits well and the fabric is soft", "Soft fabric, but the dress runs small",
         "Runs small. Returned it!", "I love this dress: it fits well",
         "The fabric is thin and it runs large", "Love love love the soft fabric",
         "Returned: thin fabric", "It fits, and I love it"]
LABEL = np.array([1, 0, 0, 1, 0, 1, 0, 1])
CLASSES = np.array([1, 2, 0, 1, 2, 1, 0, 1])

vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True,
                             token_pattern=r"(?u)\b\w+\b")
x = vectorizer.fit_transform(TEXTS)
print("terms", x.shape[1], "entries", x.nnz)
column = vectorizer.vocabulary_
for row, gram in ((0, "the"), (0, "fits well"), (5, "love"), (7, "it")):
    print("value", row, gram, repr(x[row, column[gram]]))

for name, y, c, weight in (("binary", LABEL, 4.0, None), ("balanced", (CLASSES == 1) * 1, 0.7, "balanced"),
                           ("three", CLASSES, 4.0, None)):
    m = LogisticRegression(C=c, class_weight=weight, tol=1e-12, max_iter=100000,
                           solver="lbfgs").fit(x, y)
    w = m.coef_
    print(name, "bias", [repr(float(b)) for b in m.intercept_ - m.intercept_.mean() * (len(w) > 1)],
          "love", [repr(float(v)) for v in w[:, column["love"]]])
    print(name, "p0", [repr(float(p)) for p in m.predict_proba(x)[0]],
          "loss", repr(log_loss(y, m.predict_proba(x))))

score = np.array([.1, .4, .4, .4, .8, .8, .9, .2])
y = np.array([0, 0, 1, 1, 1, 0, 1, 0])
print("auc", repr(roc_auc_score(y, score)), "f1", repr(f1_score(y, score > .5)),
      "f1 negative", repr(f1_score(1 - y, score <= .5)),
      "macro", repr(f1_score(y, score > .5, average="macro")),
      "loss", repr(log_loss(y, score)))

# the same with a dense block beside the words: D[i, f] = ((5 i + 3 f) mod 7 - 3) / 7, times 3
dense = np.array([[((5 * i + 3 * f) % 7 - 3) / 7 for f in range(5)] for i in range(8)], np.float32)
both = np.hstack([x.toarray(), 3 * dense])
for name, y in (("binary", LABEL), ("three", CLASSES)):
    m = LogisticRegression(C=4.0, tol=1e-12, max_iter=100000, solver="lbfgs").fit(both, y)
    print("dense", name, "dense 2", [repr(float(v)) for v in m.coef_[:, x.shape[1] + 2]],
          "love", [repr(float(v)) for v in m.coef_[:, column["love"]]],
          "p0", [repr(float(p)) for p in m.predict_proba(both)[0]],
          "loss", repr(log_loss(y, m.predict_proba(both))))

# temperature: the T that minimises the log loss of fixed probabilities
from scipy.optimize import minimize_scalar
q = np.array([[.7, .2, .1], [.1, .8, .1], [.3, .3, .4], [.05, .9, .05], [.6, .3, .1], [.2, .2, .6]])
y3 = np.array([0, 1, 0, 2, 0, 2])


def tempered(t):
    p = q ** (1 / t)
    return p / p.sum(1, keepdims=True)


best = minimize_scalar(lambda t: log_loss(y3, tempered(t)), bounds=(.05, 16), method="bounded",
                       options={"xatol": 1e-12})
print("temperature", repr(best.x), "loss", repr(best.fun), "p3", tempered(best.x)[3])
