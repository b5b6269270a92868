/* forecaster_models: the table of single models: a name and how it runs.
 *
 * A new model is one value of forecaster_kind and one row of the table. */
#ifndef MODELS_FORECAST_FORECASTER_MODELS_H
#define MODELS_FORECAST_FORECASTER_MODELS_H

#include "models/forecast/forecaster.h"

typedef struct forecaster_task {
    const double *y; /* [n], all finite, n >= 1 */
    int n;
    const forecaster_params *p;
    band *to;    /* to fill */
    char *model; /* [FORECASTER_NAME] that of the row; a model that chose one may write it here */
} forecaster_task;

typedef struct forecaster_model {
    const char *name;
    bool (*run)(forecaster_task *t, arena scratch, err *e);
} forecaster_model;

extern const forecaster_model forecaster_models[FORECASTER_SINGLE];

/* Runs the single model p->kind; its result may not be finite. */
bool forecaster_single(const double *y, int n, const forecaster_params *p, band *to, char *model,
                       arena scratch, err *e);

bool forecaster_finite(const band *b); /* every number of it is finite */

#endif
