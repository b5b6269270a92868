/* verb_evaluate: scores a model of one family on a table by a stated split.
 *
 * A family is one row of `families` with the names of the options that it reads; the verb's table
 * of options is the union, and an option of another family is refused by name. */
#include <string.h>

#include "surfaces/evaluate.h"
#include "surfaces/interactions.h"
#include "surfaces/series_calendar.h"

static const option options[] = {
    {"in", OPTION_TEXT, "FILE", "table to read: .csv, .csv.gz, .tsv, .parquet or .npy"},
    {"out", OPTION_TEXT, "FILE", "where to write the result; format by its name"},
    {"map", OPTION_TEXT, "COLUMN=HEADER", "which header is which column"},
    {"seed", OPTION_INT, "N", "seed of random numbers", .value = "1"},
    {"threads", OPTION_INT, "N", "threads (default: all processors)", .low = 1, .high = 256},
    {"shop", OPTION_TEXT, "OUT", "recommend: the folder of a finished run, instead of --in"},
    {"weeks", OPTION_TEXT, "A-B,…", "--shop: weeks to judge on, 0 = the last one", .value = "0-3"},
    {"tune-weeks", OPTION_TEXT, "A-B,…", "--shop: weeks to choose parameters and weights on"},
    {"content", OPTION_CHOICE, "words|meaning",
     "--shop: articles alike by words, or also by meaning", .value = "words"},
    {"by-segment", OPTION_FLAG, NULL, "--shop: also popularity and blend by customer segment"},
    {"model", OPTION_TEXT, "NAME,…", "what to score; recommend: als, knn, session, hybrid, …"},
    {"split", OPTION_TEXT, "NAME", "recommend: last, time:7d, weeks:4, given:FILE, "
     "cold-items, cold-users"},
    {"test", OPTION_TEXT, "FILE", "the table of --split given, where it does not name one"},
    {"days", OPTION_INT, "N", "days of --split time, where it does not say", .value = "28",
     .low = 1, .high = 100000},
    {"k", OPTION_INT, "N", "places of a list that count; segment: clusters", .value = "10",
     .low = 1, .high = 1000},
    {"include-seen", OPTION_FLAG, NULL, "recommend: items taken before may be listed again"},
    {"folds", OPTION_INT, "N", "cold splits: parts, each of which is new once", .value = "5",
     .low = 2, .high = 100},
    {"ridge", OPTION_REAL, "X", "als-features: average rows that hold the maps back",
     .value = "100", .low = 1e-6, .high = 1e9},
    INTERACTIONS_OPTIONS,
    SERIES_OPTIONS,
    CALENDAR_OPTIONS,
    {"horizon", OPTION_INT, "N", "forecast: last values of each series held out", .value = "12",
     .low = 1, .high = 10000},
    {"holdout", OPTION_INT, "N", "forecast: the same as --horizon", .low = 1, .high = 10000},
    {"origins", OPTION_INT, "N", "forecast: times that the end is held out, each before the last",
     .value = "1", .low = 1, .high = 100},
    {"scale", OPTION_INT, "N", "forecast: season of MASE, MSIS and naive2 (default: --season)",
     .high = 8784},
    {"units", OPTION_FLAG, "", "forecast: the values are counts, as in atelier forecast"},
    {"season", OPTION_TEXT, "N[,N]", "forecast: values in a season", .value = "auto"},
    {"target", OPTION_CHOICE, "auto|label|recommended|rating", "sentiment: what says the class",
     .value = "auto"},
    {"columns", OPTION_TEXT, "A,B,…", "segment: columns to cluster by"},
    {"labels", OPTION_TEXT, "COLUMN", "segment: known labels"},
    {"clip", OPTION_REAL, "W", "policy: largest weight of a row; 0 = any", .value = "0",
     .low = 0, .high = 1e9},
    {0}};

static const evaluate_family families[] = {
    {"recommend", "lists against what users took next",
     "model split test days k include-seen factors iterations reg alpha half-life recency "
     "neighbours set blend tune objective item-features user-features group folds ridge "
     "shop weeks tune-weeks by-segment content",
     evaluate_recommend},
    {"forecast", "the last values of each series against forecasts made without them",
     "model series time value horizon holdout origins scale season growth cap floor changepoints "
     "multiply holidays regressors units set", evaluate_forecast},
    {"sentiment", "answers on a fifth of the texts, held out by a hash of the text", "target",
     evaluate_sentiment},
    {"segment", "clusters against known labels, or by their shape and stability",
     "k columns labels", evaluate_segment},
    {"policy", "what a policy would earn, from a log of another one (propensities, rewards)",
     "clip", evaluate_policy},
};
enum { FAMILIES = sizeof families / sizeof families[0] };

static bool check_options(const args *a, const evaluate_family *f, err *e) {
    for (int i = 0; options[i].name; i++)
        if (args_given(a, options[i].name) && !args_among(f->options, options[i].name) &&
            !args_among("in out map seed threads", options[i].name))
            return refuse(e, "atelier evaluate %s has no option --%s", f->name, options[i].name);
    return true;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    if (!args_given(a, "in") && !args_given(a, "shop"))
        return refuse(e, "atelier evaluate needs --in FILE; for example: %s",
                      verb_evaluate.example);
    const char *word = args_word(a, 0), *names[FAMILIES];
    for (int i = 0; i < FAMILIES; i++) {
        names[i] = families[i].name;
        if (strcmp(word, names[i]) != 0) continue;
        js_put_word(out, "family", word);
        return check_options(a, &families[i], e) && families[i].run(a, s, out, e);
    }
    const char *near = slice_nearest(slice_of(word), names, FAMILIES);
    return refuse(e, "atelier evaluate knows no family '%s'; it can score: %s", word,
                  near ? near : names[0]);
}

const verb verb_evaluate = {
    .name = "evaluate",
    .words = "FAMILY",
    .group = "table",
    .title = "Score a model on your table beside its baseline, with intervals.",
    .example = "atelier evaluate recommend --in purchases.csv --split last --model als --k 10",
    .least_words = 1,
    .most_words = 1,
    .options = options,
    .run = run,
};
