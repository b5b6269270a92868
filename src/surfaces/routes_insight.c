/* routes_insight: the parameters of routes about prices, baskets, products, runs; those of many. */
#include "surfaces/routes_insight.h"

#include "models/insight/impact.h"

const param prices_params[] = {
    {"article", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 256, NULL, "only this article"},
    {"category", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 256, NULL, "only its articles"},
    {"limit", PARAM_QUERY, PARAM_INT, NULL, "100", 1, 1000, "10",
     "how many articles, those of most units first; without any wish the whole page"},
    {0}};
const param baskets_params[] = {
    {"article", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 256, NULL,
     "what to show beside this article; without it the whole page"},
    {0}};
const param products_params[] = {
    {"sort", PARAM_QUERY, PARAM_CHOICE, "revenue|units|growth|cv|ratio", "revenue", 0, 0, "growth",
     "by what; articles without the number come last"},
    {"order", PARAM_QUERY, PARAM_CHOICE, "down|up", "down", 0, 0, "down", "largest first, or last"},
    CATEGORY_PARAM,
    {"abc", PARAM_QUERY, PARAM_CHOICE, "A|B|C", NULL, 0, 0, "A", "only this class of revenue"},
    {"xyz", PARAM_QUERY, PARAM_CHOICE, "X|Y|Z|none", NULL, 0, 0, "X",
     "only this class of steadiness"},
    {"launch", PARAM_QUERY, PARAM_CHOICE, "ahead|par|behind|young|unknown", NULL, 0, 0, "ahead",
     "only launches that stand so beside their category"},
    {"limit", PARAM_QUERY, PARAM_INT, NULL, "50", 1, 1000, "20", "how many articles"},
    {"offset", PARAM_QUERY, PARAM_INT, NULL, "0", 0, 1000000, "0", "how many come before"},
    {0}};
const param product_params[] = {ID_PARAM("article", "@article"), {0}};
const param impact_params[] = {
    ID_PARAM("article", "@article"),
    {"from", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 32, NULL,
     "a day of the week that the event began in; without it the last price cut"},
    {"weeks_before", PARAM_QUERY, PARAM_INT, NULL, "12", IMPACT_LEAST_BEFORE, 52, "12",
     "that the control is matched on"},
    {"weeks_after", PARAM_QUERY, PARAM_INT, NULL, "8", 1, 52, "8", "that are looked at"},
    {0}};
#define RUN_PARAM                                                                                  \
    {"id", PARAM_PATH, PARAM_TEXT, NULL, NULL, 1, 64, "latest",                                    \
     "of a kept run, or latest"}
const param runs_params[] = {
    {"limit", PARAM_QUERY, PARAM_INT, NULL, "100", 1, 1000, "20", "how many, the latest first"},
    {0}};
const param run_params[] = {RUN_PARAM, {0}};
const param compare_params[] = {
    RUN_PARAM,
    {"with", PARAM_QUERY, PARAM_TEXT, NULL, "latest", 1, 64, "latest", "the run before it"},
    {0}};
const param plan_params[] = {
    {"price", PARAM_QUERY, PARAM_REAL, NULL, "100", 0, 1000000000, "50", "without any cut"},
    {"stock", PARAM_QUERY, PARAM_INT, NULL, "100", 0, 5000, "400", "units to sell"},
    {"demand", PARAM_QUERY, PARAM_REAL, NULL, "10", 0, 1000, "20", "units a week without a cut"},
    {"elasticity", PARAM_QUERY, PARAM_REAL, NULL, "-2", -20, 0, "-2.4", "of units to the price"},
    {"elasticity_se", PARAM_QUERY, PARAM_REAL, NULL, "0.5", 0, 10, "0.3", "its standard error"},
    {"weeks", PARAM_QUERY, PARAM_INT, NULL, "8", 1, 16, "8", "until the rest is salvage"},
    {"ladder", PARAM_QUERY, PARAM_TEXT, NULL, "0,20,30,50,70", 1, 100, "0,20,50",
     "cuts that may be set, per cent"},
    {"cut", PARAM_QUERY, PARAM_REAL, NULL, "0", 0, 99, "0", "today's cut, per cent"},
    {"decay", PARAM_QUERY, PARAM_REAL, NULL, "1", 0, 2, "0.9",
     "demand of a week as a share of the week before"},
    {"salvage", PARAM_QUERY, PARAM_REAL, NULL, "0.15", 0, 1, "0.1",
     "worth of a unit left over, as a share of its price"},
    {"demand_se", PARAM_QUERY, PARAM_REAL, NULL, "0.3", 0, 3, "0.3",
     "standard error of the logarithm of demand"},
    {0}};
