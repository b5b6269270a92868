/* demo_world: what the files of the demo shop share: the planted tables, articles, people, output.
 *
 * Only demo*.c include this. Weeks are numbered 0 … DEMO_WEEKS-1 from DEMO_FIRST; money is in
 * cents; prices are a list price and a percentage per week. */
#ifndef PIPELINE_DEMO_WORLD_H
#define PIPELINE_DEMO_WORLD_H

#include <stdio.h>

#include "base/random.h"
#include "data/gz.h"
#include "pipeline/demo.h"

enum {
    DEMO_WEEKS = 104,
    DEMO_FIRST = 19632, /* Monday 2023-10-02, in days since 1970-01-01 */
    DEMO_DAYS = DEMO_WEEKS * 7,
    DEMO_CATEGORIES = 10,
    DEMO_SEGMENTS = 7,
    DEMO_CHANNELS = 5,
    DEMO_STEPS = 3, /* view -> click -> cart -> purchase */
    DEMO_TOPICS = 8,
    DEMO_STYLES_MOST = 32,
    DEMO_TRIES = 5,    /* articles that people look at until one is not theirs */
    DEMO_AGAIN = 4,    /* last articles among which people choose to buy again */
    DEMO_PLANTED = 8,  /* rising articles, and as many declining ones */
    DEMO_TREND_WEEKS = 8,
    DEMO_OPTIMUM_WEEKS = 4,
    DEMO_SHORT_WEEKS = 78 /* the last weeks, of which truth.json tells each stock-out */
};
#define DEMO_GROWTH 0.18 /* log growth a week of rising articles; minus that for declining ones */

/* ---- the planted tables (demo_tables.c) ---- */

typedef struct demo_category {
    const char *name;
    double share;            /* of purchases, before season and tastes */
    double price, spread;    /* median list price; standard deviation of its log */
    double elasticity;       /* units ~ price^elasticity within an article */
    double amplitude, peak;  /* yearly season: exp(amplitude cos(2 pi (week - peak) / 52.18)) */
    double gifts;            /* extra share in the weeks before Christmas */
    double weekend;          /* Saturday and Sunday against the shop's usual week */
    double step[DEMO_STEPS]; /* logit on top of the channel's, per funnel step */
    double growth;           /* log, per week, over the last DEMO_TREND_WEEKS; 0 = none */
    double drift;            /* log, per year, over the two years, around their middle */
} demo_category;
extern const demo_category demo_categories[DEMO_CATEGORIES];

typedef struct demo_type {
    int category, number;
    const char *name, *noun, *garment;
    int garment_number;
} demo_type;
extern const demo_type demo_types[];
extern const int demo_n_types;

typedef struct demo_colour {
    int number;
    const char *name;
    int value_number;
    const char *value;
    int master_number;
    const char *master;
    double share;
} demo_colour;
extern const demo_colour demo_colours[];
extern const int demo_n_colours;

typedef struct demo_named {
    int number;
    const char *name;
    double share;
} demo_named;
extern const demo_named demo_patterns[], demo_groups[], demo_materials[];
extern const int demo_n_patterns, demo_n_groups, demo_n_materials;

typedef enum demo_rhythm { ALWAYS, IN_SEASON, ONCE, UNTIL, SINCE, NEVER } demo_rhythm;
typedef struct demo_segment {
    const char *name;
    double share, orders, items; /* orders a week while active; items an order */
    double online, again;        /* share of orders online; wish to buy the same article again */
    bool bargain;                /* reacts to prices more than others */
    demo_rhythm rhythm;
} demo_segment;
extern const demo_segment demo_segments[DEMO_SEGMENTS];

typedef struct demo_channel {
    const char *name;
    double share;            /* of chances to look at an article */
    double step[DEMO_STEPS]; /* logit of each funnel step */
} demo_channel;
extern const demo_channel demo_channels[DEMO_CHANNELS];
extern const char *const demo_steps[DEMO_STEPS], *const demo_topics[DEMO_TOPICS];
extern const double demo_weekdays[7]; /* Monday first; sums to 1 */

/* Factor on demand at a price of ratio * list, for bargain hunters or for all others. */
double demo_pull(int category, bool bargain, double ratio);
double demo_season(int category, int week);  /* yearly season, mean 1 over the two years */
double demo_trend(int category, int week);   /* drift, and growth of the last weeks */
double demo_weekday(int category, int day);  /* factor on demo_weekdays; weighted mean 1 */
double demo_rate(int channel, int category, int step); /* funnel rate, 0…1 */
int demo_pick(rng *r, const double *weight, int n);    /* index with that share */

/* ---- the world ---- */

typedef struct demo_article {
    int32_t product, variant; /* article_id = 0 product(6) variant(3) */
    int16_t launch, last;     /* first and last week on sale, both inclusive */
    uint8_t category, type, colour, pattern, group, material, word, lasting;
    int32_t list;             /* cents */
    float popularity;         /* log */
    float quality;            /* mean shift of ratings */
    int8_t planted;           /* +1 rising, -1 declining in the last weeks */
    int8_t flaw, strength;    /* topics in which the article is weak or strong; -1 = none */
    bool scarce;              /* the buyer ordered too little: runs out now and then */
    uint8_t lead;             /* weeks from order to arrival, 1 or 2 */
    int32_t stock, coming[2]; /* units on hand; units that arrive in one and two weeks */
    float forecast;           /* the buyer's idea of units a week */
} demo_article;

typedef struct demo_person {
    uint8_t segment, style, second, age;
    uint8_t from, to; /* active weeks [from, to) */
    float rate;       /* orders a week */
    float online;
} demo_person;

typedef struct demo_file demo_file;
typedef struct demo_world {
    demo_params p;
    scope *s;
    int32_t n_articles, n_people, n_styles;
    demo_article *articles;  /* [n_articles] in id order, which is launch order */
    uint8_t *percent;        /* [n_articles, DEMO_WEEKS] price in percent of the list price */
    float *taste;            /* [n_articles, n_styles] log affinity */
    double *style_category;  /* [n_styles, DEMO_CATEGORIES] shares, each row sums to 1 */
    uint8_t *style_age;      /* [n_styles] mean age */
    uint8_t *style_group;    /* [n_styles] the index group it mostly buys */
    demo_person *people;     /* [n_people] */
    int32_t *history;        /* [n_people, memory] last articles, -1 = none */
    uint8_t *history_at;     /* [n_people] next place in the ring */
    demo_file *files[6];
    int64_t topic_count[DEMO_TOPICS][2]; /* review sentences by topic and polarity */
    int64_t repurchases, lines, lost;    /* lines bought before; all; demand lost to stock-outs */
    int32_t *lost_of; /* [n_articles, DEMO_SHORT_WEEKS] units asked for and not there */
    uint64_t id_seed;
    double season[DEMO_CATEGORIES][DEMO_WEEKS]; /* demo_season * demo_trend */
    struct {                                    /* demo_optimum.c; the last weeks, in order */
        int64_t customers;
        double map;
    } optimum[DEMO_OPTIMUM_WEEKS];
    struct { /* demo_response.c */
        double across, square; /* of ln of expected units and of price; sums weighted by units */
    } response[DEMO_CATEGORIES];
    const progress *show;
} demo_world;

static inline bool demo_live(const demo_article *a, int week) {
    return week >= a->launch && week <= a->last;
}
int32_t demo_price(const demo_world *w, int32_t article, int week); /* cents */
rng demo_rng(const demo_world *w, const char *use, uint64_t stream);

bool demo_make_articles(demo_world *w, err *e);
bool demo_write_articles(demo_world *w, err *e);
void demo_make_people(demo_world *w);
bool demo_write_people(demo_world *w, err *e);

typedef struct demo_name {
    char text[72];
} demo_name;
demo_name demo_customer_id(const demo_world *w, int32_t person); /* 64 hex digits */
/* Weeks in which seasonal people buy: Black Friday to Christmas, and early summer. */
bool demo_gift_season(int week);

/* ---- one week's sales (demo_demand.c draws, demo_sales.c sells and writes) ---- */

typedef struct demo_sale {
    int32_t person, article;
    uint8_t day, channel, units; /* day 0…6; channel 1 store, 2 online */
} demo_sale;

typedef struct demo_demand demo_demand;
demo_demand *demo_demand_open(demo_world *w);
/* Tables of this week's choice; then the sales that people want, ordered by person, in `week`'s
 * memory. */
void demo_demand_week(demo_demand *d, int week);
demo_sale *demo_demand_draw(demo_demand *d, int week, arena *memory, int64_t *n);
/* An article of the category that a person of this style may look at; -1 when none is on sale. */
int32_t demo_demand_browse(const demo_demand *d, int style, int category, rng *r);
/* The articles on sale, by category, then number; how many. */
int32_t demo_demand_live(const demo_demand *d, const int32_t **articles);
/* chance[live]: which share of the new articles that a person of style (n_styles = any style) and
 * kind of reaction to prices (1 = bargain) wants this week is each article on sale. */
void demo_demand_chances(const demo_demand *d, int bargain, int style, double *chance);
/* weight[n_styles + 1] of each style, and of any style, in what the person wants; they sum to 1. */
void demo_demand_styles(const demo_demand *d, int32_t person, double *weight);
/* The k-th last article of the person (k = 1 … DEMO_AGAIN) and the chance that a line of an order
 * is that article again; -1 when there is none or it is not on sale. */
int32_t demo_demand_again(const demo_demand *d, int week, int32_t person, int k, double *chance);
/* Lines that the person is expected to buy in the week, and ordered pairs of them. */
double demo_demand_lines(const demo_demand *d, int week, int32_t person, double *pairs);

/* The chances of all articles on sale this week. */
typedef struct demo_chances {
    const demo_world *w;
    const demo_demand *d;
    int week;
    int32_t n;
    const int32_t *live; /* [n] */
    int32_t *place;      /* [articles] in live + 1, 0 = not on sale */
    double *chance;      /* [2, styles + 1, n] */
} demo_chances;
demo_chances demo_chances_of(const demo_world *w, const demo_demand *d, int week, arena *memory);

/* Before the week's sales: adds to w->response how the articles below their list price are expected
 * to sell beside what they would sell at it, all else as it is. */
void demo_response_add(demo_world *w, const demo_demand *d, int week, arena *memory);
double demo_response(const demo_world *w, int category); /* elasticity that comes of it */

bool demo_sell_week(demo_world *w, int week, demo_sale *sales, int64_t *n, arena scratch, err *e);
bool demo_write_events(demo_world *w, const demo_demand *d, int week, const demo_sale *sales,
                       int64_t n, arena scratch, err *e);
bool demo_write_reviews(demo_world *w, int week, const demo_sale *sales, int64_t n, err *e);

/* Adds one sentence about a topic, good (1) or bad (0), to a review. */
void demo_sentence(text *to, const demo_article *a, int topic, int good, rng *r);
void demo_title(text *to, const demo_article *a, int rating, rng *r);
void demo_describe(text *to, const demo_article *a, rng *r);
const char *demo_article_word(int word);
extern const int demo_n_words;

/* ---- what the best possible list would reach (demo_optimum.c) ---- */

typedef struct demo_optimum demo_optimum;
/* Before the week's sales: the best 12 articles for each person who wants something, by what was
 * planted; NULL in weeks that are not among the last DEMO_OPTIMUM_WEEKS. Lives in memory. */
demo_optimum *demo_optimum_rank(const demo_world *w, const demo_demand *d, int week,
                                const demo_sale *sales, int64_t n, arena *memory);
/* After them: their mean AP@12 against what was sold. o may be NULL. */
void demo_optimum_score(demo_world *w, const demo_optimum *o, const demo_sale *sales, int64_t n,
                        arena scratch);

bool demo_write_truth(demo_world *w, folder *f, err *e);
bool demo_write_readme(const demo_world *w, folder *f, err *e);

/* ---- files (demo_file.c), with rows that are wrong on purpose (demo_dirt.c) ---- */

enum { DEMO_ARTICLES, DEMO_CUSTOMERS, DEMO_TRANSACTIONS, DEMO_REVIEWS, DEMO_EVENTS, DEMO_STOCK };

typedef enum demo_damage { SET, SHORT, LONG, QUOTE, BYTES, BLANK, TWICE } demo_damage;
typedef struct demo_dirt {
    int file;
    const char *kind;
    demo_damage damage;
    int column;
    const char *value;
    const char *verdict; /* quarantined, merged or blank: what must become of it */
} demo_dirt;
extern const demo_dirt demo_dirts[];
extern const int demo_n_dirts;
enum { DEMO_DIRTS_MOST = 96 };

enum { DEMO_CELLS_MOST = 32 };
typedef struct demo_cells { /* one row; set n to 0 before the first cell */
    int n;
    slice at[DEMO_CELLS_MOST];
    char room[DEMO_CELLS_MOST][24];
} demo_cells;
void demo_add(demo_cells *c, slice s); /* borrows s */
void demo_add_number(demo_cells *c, int64_t n, int width); /* n >= 0, leading zeros to width */
void demo_add_money(demo_cells *c, int32_t cents);
void demo_add_day(demo_cells *c, int32_t day);
void demo_add_time(demo_cells *c, int32_t day, int32_t second); /* second may be of a later day */
void demo_add_article(demo_cells *c, const demo_article *a);    /* its id, 10 digits */

struct demo_file {
    const char *name;
    int number; /* DEMO_ARTICLES … */
    int64_t until_dirt; /* clean rows before the next damaged one */
    FILE *to;
    gz_writer *gz;
    text waiting, packed;
    int64_t rows, dirty, by_kind[DEMO_DIRTS_MOST];
    rng dirt;
};
demo_file *demo_file_open(demo_world *w, folder *f, int number, const char *header, err *e);
/* One clean row, and now and then a damaged copy of it after it. */
bool demo_row(demo_file *f, const demo_cells *c, err *e);
void demo_field(text *to, slice s);
void demo_fields(demo_file *f, const slice *fields, int n); /* one row as it is, quoted as needed */
void demo_damaged(demo_file *f, const demo_cells *c);
int64_t demo_dirt_gap(demo_file *f);
bool demo_file_close(demo_file *f, err *e);

#endif
