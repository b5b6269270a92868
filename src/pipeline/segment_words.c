/* segment_words: the customer features that are known by name: what they are, say and form. */
#include "pipeline/segment_words.h"

#include <math.h>
#include <string.h>

static const segment_word words[] = {
    {"recency", SEGMENT_VALUE, true, "days since the last order", "days", "long away", "recent"},
    {"frequency", SEGMENT_VALUE, true, "order days", "days", "frequent", "rare"},
    {"monetary", SEGMENT_VALUE, true, "money spent", "money", "big spending", "small spending"},
    {"units", SEGMENT_VALUE, true, "units bought", "units", "many units", "few units"},
    {"tenure", SEGMENT_VALUE, true, "days since the first order", "days", "long-standing", "new"},
    {"gap", SEGMENT_RHYTHM, true, "days between orders", "days", "slow rhythm", "quick rhythm"},
    {"irregular", SEGMENT_RHYTHM, false, "irregularity of the gaps", "ratio", "in bursts",
     "regular"},
    {"overdue", SEGMENT_RHYTHM, false, "lateness against the own rhythm", "log ratio", "overdue",
     "in rhythm"},
    {"season", SEGMENT_RHYTHM, false, "bound to seasons", "share", "seasonal", "all year"},
    {"span", SEGMENT_RHYTHM, false, "active share of the time known", "share", "still active",
     "active briefly"},
    {"price", SEGMENT_PRICE, true, "price of an article", "money", "high-priced", "low-priced"},
    {"discount", SEGMENT_PRICE, false, "share bought reduced", "share", "bargain hunting",
     "full price"},
    {"return", SEGMENT_PRICE, false, "share sent back", "share", "returning much",
     "returning little"},
    {"basket", SEGMENT_DESCRIBES, true, "units an order day", "units", "large baskets",
     "small baskets"},
    {"assortment", SEGMENT_DESCRIBES, true, "age of the articles bought", "days",
     "old assortment", "new assortment"},
    {"online", SEGMENT_DESCRIBES, false, "share bought online", "share", "online", "in store"},
    {"weekend", SEGMENT_DESCRIBES, false, "share bought at weekends", "share", "weekend",
     "weekday"},
    {"view_to_cart", SEGMENT_DESCRIBES, false, "cart additions a view", "share", "filling carts",
     "browsing"},
    {"cart_to_buy", SEGMENT_DESCRIBES, false, "purchases a cart addition", "share",
     "buying carts", "leaving carts"},
    {"entropy", SEGMENT_DESCRIBES, false, "variety of categories", "nats", "varied", "focused"},
    {"categories", SEGMENT_DESCRIBES, true, "categories bought", "categories",
     "many categories", "few categories"},
};

const segment_word *segment_word_of(const char *feature) {
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].feature, feature) == 0) return &words[i];
    return NULL;
}

double segment_word_raw(const segment_word *word, double value) {
    return word && word->log ? expm1(value) : value;
}
