/* evaluate: the families of `atelier evaluate`: each scores a model by a stated split. */
#ifndef SURFACES_EVALUATE_H
#define SURFACES_EVALUATE_H

#include "surfaces/verbs.h"

typedef struct evaluate_family {
    const char *name, *title;
    const char *options; /* names that it reads beside those of every verb, separated by spaces */
    bool (*run)(const args *a, scope *s, js *out, err *e);
} evaluate_family;

bool evaluate_recommend(const args *a, scope *s, js *out, err *e);
bool evaluate_cold(const args *a, scope *s, js *out, err *e); /* its splits cold-… */
bool evaluate_cold_is(const char *split);
bool evaluate_shop(const args *a, scope *s, js *out, err *e); /* its --shop */
bool evaluate_shop_is(const args *a);
bool evaluate_forecast(const args *a, scope *s, js *out, err *e);
bool evaluate_sentiment(const args *a, scope *s, js *out, err *e);
bool evaluate_segment(const args *a, scope *s, js *out, err *e);
bool evaluate_policy(const args *a, scope *s, js *out, err *e);

#endif
