"""survival: numbers of lifelines 0.30.3 for tests/models_retention.c."""
import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

time = np.array([3, 5, 5, 5, 8, 8, 10, 12, 15, 15, 15, 18, 20, 21, 21, 25, 2, 30], float)
event = np.array([1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 1])
group = np.array([0, 1, 0, 1, 2, 0, 1, 2, 2, 0, 0, 1, 2, 1, 2, 2, 1, 0])
km = KaplanMeierFitter().fit(time, event)
table = pd.concat([km.survival_function_, km.confidence_interval_], axis=1)
for t, row in table.iterrows():
    print(t, [float("%.12g" % v) for v in row.values])
three = multivariate_logrank_test(time, group, event)
two = multivariate_logrank_test(time, np.minimum(group, 1), event)
print("log-rank", float(three.test_statistic), float(three.p_value), float(two.test_statistic),
      float(two.p_value), "median", km.median_survival_time_)
four = np.array([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 1, 0])
test = multivariate_logrank_test(time, four, event)
print("four groups", float(test.test_statistic), float(test.p_value))
