/* forecaster_knobs: parameters of forecasting models that can be set by name, and searched. */
#include "models/forecast/forecaster_knobs.h"

#include <math.h>
#include <string.h>

#define AT(field) offsetof(forecaster_params, field)

const forecaster_knob forecaster_knobs[FORECASTER_KNOBS] = {
    {"ets.slack", FORECASTER_ETS, FORECASTER_KNOB_REAL, AT(ets.slack), 1, 1e9, 1, 3, 0, true},
    {"ets.least_share", FORECASTER_ETS, FORECASTER_KNOB_REAL, AT(ets.least_share), 1e-6, 1e6, 0.005,
     0.5, 0, true},
    {"ets.trend", FORECASTER_ETS, FORECASTER_KNOB_FLAG, AT(ets.trend), 0, 1, 0, 1, 0, false},
    {"prophet.changepoint_prior", FORECASTER_PROPHET, FORECASTER_KNOB_REAL,
     AT(prophet.changepoint_prior), 1e-6, 1e3, 1e-3, 0.5, 0, true},
    {"prophet.season_prior", FORECASTER_PROPHET, FORECASTER_KNOB_REAL, AT(prophet.season_prior),
     1e-6, 1e3, 0.01, 20, 0, true},
    {"prophet.changepoints", FORECASTER_PROPHET, FORECASTER_KNOB_INT, AT(prophet.changepoints), 0,
     1000, 5, 50, 5, false},
    {"prophet.range", FORECASTER_PROPHET, FORECASTER_KNOB_REAL, AT(prophet.range), 0.05, 1, 0.6,
     0.95, 0, false},
    {"prophet.multiply", FORECASTER_PROPHET, FORECASTER_KNOB_FLAG, AT(prophet.multiply), 0, 1, 0, 1,
     0, false},
};

const forecaster_knob *forecaster_knob_find(const char *name) {
    for (int i = 0; i < FORECASTER_KNOBS; i++)
        if (strcmp(forecaster_knobs[i].name, name) == 0) return &forecaster_knobs[i];
    return NULL;
}

double forecaster_knob_get(const forecaster_params *p, const forecaster_knob *k) {
    const char *at = (const char *)p + k->at;
    int whole;
    bool flag;
    double real;
    if (k->kind == FORECASTER_KNOB_INT) return memcpy(&whole, at, sizeof whole), whole;
    if (k->kind == FORECASTER_KNOB_FLAG) return memcpy(&flag, at, sizeof flag), flag;
    return memcpy(&real, at, sizeof real), real;
}

void forecaster_knob_set(forecaster_params *p, const forecaster_knob *k, double value) {
    char *at = (char *)p + k->at;
    int whole = (int)lrint(value);
    bool flag = value != 0;
    if (k->kind == FORECASTER_KNOB_INT) memcpy(at, &whole, sizeof whole);
    else if (k->kind == FORECASTER_KNOB_FLAG) memcpy(at, &flag, sizeof flag);
    else memcpy(at, &value, sizeof value);
}
