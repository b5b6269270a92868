/* answer: a route's parameters are read and its view is shown, whoever asks: a request, or a part
 * of POST /v1/page.
 *
 * v has everything but values; v->j stands in the opened object that has "request_id". Mistakes
 * that were found before (wrong > 0) are told as they are. Returns the status; v->j->out is then
 * the whole document, v->type its kind. */
#ifndef SURFACES_ANSWER_H
#define SURFACES_ANSWER_H

#include "surfaces/routes.h"

int answer_route(view *v, const param_sources *from, js *mistakes, int wrong);

#endif
