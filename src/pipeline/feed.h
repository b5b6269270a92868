/* feed: what a shop should look at first: at most eight cards, chosen by money and sureness.
 *
 * Every card is one sentence about one thing, made from the tiles of step 09 alone; `call` and `at`
 * (an address of the API, a JSON pointer into its answer) give its number again. Cards are
 * candidates first. Those less than 80 % sure are dropped; the rest stand by
 *     weight = money at stake, brought to four weeks where it is a rate, times sureness
 * (counted = 1, money that cannot be told = 0; ties by id), the first of each thing. Chosen are the
 * best card of every page of the dashboard, then the next by weight, at most three of a page.
 *
 *     feed f = {.s = s};
 *     feed_sales(&f, &t), feed_stock(&f, &t), feed_people(&f, &t), feed_words(&f, &t);
 *     int n = feed_choose(&f, chosen);                         // chosen[FEED_SHOWN]
 *
 * A tile that is NULL makes no cards: a shop gets those that its files allow. */
#ifndef PIPELINE_FEED_H
#define PIPELINE_FEED_H

#include "pipeline/tile.h"

enum { FEED_SHOWN = 8, FEED_OF_PAGE = 3, FEED_MOST = 4096, FEED_LEAST_SURE = 80 /* % */ };

typedef struct feed_tiles {
    const js_node *trends, *prices, *alerts, *funnel, *segments, *reviews, *baskets;
} feed_tiles;

typedef struct feed_card {
    const char *id;    /* "declining/category/Swimwear": of no other card */
    const char *thing; /* what it is about: one card of a thing is shown */
    const char *page, *open; /* of the dashboard; its address: "?page=trends" */
    const char *sentence;
    double money; /* NAN = cannot be told */
    const char *money_of;
    double sure; /* probability that the sentence's direction is right; NAN = counted */
    const char *sure_of;
    const char *call, *at;
    double value; /* what stands at `at` */
    tile_chart chart;
} feed_card;

typedef struct feed {
    scope *s; /* owns every text of the cards */
    feed_card *card;
    int n;
} feed;

/* Keeps the card when it is sure enough and its value is a number. */
void feed_add(feed *f, const feed_card *c);

void feed_sales(feed *f, const feed_tiles *t);  /* revenue, categories, articles, prices */
void feed_stock(feed *f, const feed_tiles *t);  /* alerts, by type */
void feed_people(feed *f, const feed_tiles *t); /* funnel, segments */
void feed_words(feed *f, const feed_tiles *t);  /* reviews, baskets */

/* The cards to show, best first, and their number. */
int feed_choose(const feed *f, const feed_card **chosen);

/* A whole number with its thousands apart; "12 % more" or "12 % less" for a factor. */
const char *feed_whole(const feed *f, double x);
const char *feed_change(const feed *f, double factor);
/* "?page=segments&segment=a%20b" */
const char *feed_open(const feed *f, const char *before, slice name);
/* Probability that a standard normal is below z. */
double feed_below(double z);

/* A tile of step 09's unfinished folder; NULL when it was not written or says it was skipped. */
const js_node *feed_tile(folder *f, scope *s, const char *file);

/* insights.json from the tiles in f. */
bool feed_write(work *w, folder *f, scope *s, err *e);

#endif
