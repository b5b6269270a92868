/* markdown_say: a markdown plan as names and numbers, for the verb and over HTTP. */
#ifndef SURFACES_MARKDOWN_SAY_H
#define SURFACES_MARKDOWN_SAY_H

#include "base/json.h"
#include "models/insight/markdown.h"

enum { MARKDOWN_NUMBERS = 15 };
extern const char *const markdown_names[MARKDOWN_NUMBERS]; /* "cut_now", "cut", … */

typedef struct markdown_answer {
    int cut; /* to set now: an index of the ladder */
    markdown_result plan, held;
    markdown_gain gain;
} markdown_answer;

/* Plans, plays the plan, and plays holding today's cut. */
markdown_answer markdown_ask(const markdown_case *m, uint64_t seed, arena scratch);

void markdown_numbers(double out[MARKDOWN_NUMBERS], const markdown_case *m,
                      const markdown_answer *a);

/* Members of the open object: the numbers, then weeks. */
void markdown_put(js *j, const markdown_case *m, const markdown_answer *a);

/* "0,20,50" -> shares; false when they are no ascending per cents from 0 to 99. */
bool markdown_ladder(slice words, double cut[MARKDOWN_CUTS], int *n);

/* Index of a cut in per cent; -1 when it is none of the ladder. */
int markdown_rung(const double *cut, int n, double percent);

#endif
