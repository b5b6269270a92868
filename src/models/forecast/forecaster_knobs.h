/* forecaster_knobs: parameters of forecasting models that can be set by name, and searched. */
#ifndef MODELS_FORECAST_FORECASTER_KNOBS_H
#define MODELS_FORECAST_FORECASTER_KNOBS_H

#include <stddef.h>

#include "models/forecast/forecaster.h"

typedef enum forecaster_knob_kind {
    FORECASTER_KNOB_REAL, /* double */
    FORECASTER_KNOB_INT,  /* int */
    FORECASTER_KNOB_FLAG  /* bool: 0 or 1 */
} forecaster_knob_kind;

typedef struct forecaster_knob {
    const char *name; /* "prophet.changepoint_prior" */
    forecaster_kind model;
    forecaster_knob_kind kind;
    size_t at;         /* offsetof(forecaster_params, …) */
    double low, high;  /* that may be set */
    double from, to;   /* that are searched */
    double step;       /* of whole numbers searched; 0: each */
    bool log;          /* searched by the logarithm */
} forecaster_knob;

enum { FORECASTER_KNOBS = 8 };
extern const forecaster_knob forecaster_knobs[FORECASTER_KNOBS];

const forecaster_knob *forecaster_knob_find(const char *name); /* NULL when there is none */
double forecaster_knob_get(const forecaster_params *p, const forecaster_knob *k);
void forecaster_knob_set(forecaster_params *p, const forecaster_knob *k, double value);

#endif
