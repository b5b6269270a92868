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
