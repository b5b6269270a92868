"""journal: a study's file as Optuna reads it, continued by it when a number of trials is given.

    build/peers/bin/python tests/oracles/journal.py FILE STUDY [TRIALS]
prints trials, best trial, its value, and how many trials are in each state (in Optuna's order)."""
import sys

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

optuna.logging.set_verbosity(optuna.logging.ERROR)
path, name = sys.argv[1:3]
study = optuna.create_study(study_name=name, storage=JournalStorage(JournalFileBackend(path)),
                            direction="maximize", load_if_exists=True)


def score(t):
    rate = t.suggest_float("rate", 1e-4, 1, log=True)
    size = t.suggest_int("size", 16, 128, step=16)
    kind = t.suggest_categorical("kind", ["plain", "curved"])
    bend = t.suggest_int("bend", 1, 9) if kind == "curved" else 5
    share = t.suggest_float("share", 0, 1, step=0.25)
    t.report(rate, 1)
    if t.number % 5 == 4:
        raise optuna.TrialPruned()
    return -(rate - 0.1) ** 2 - abs(size - 64) / 1e3 - abs(bend - 5) / 1e2 - share / 1e3


if len(sys.argv) > 3:
    study.optimize(score, n_trials=int(sys.argv[3]))
states = [sum(t.state == s for t in study.trials) for s in optuna.trial.TrialState]
print(len(study.trials), study.best_trial.number, repr(study.best_value), *states)
