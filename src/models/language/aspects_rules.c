/* aspects_rules: the polarity of cues and opinions of a sentence, and what each is about. */
#include <string.h>

#include "models/language/aspects_parts.h"

enum { REACH = 8 /* tokens over which a negation or an opinion reaches */ };

static bool opines(aspects_kind k) { return k == KIND_OPINION || k == KIND_LOOKS; }
static bool says(aspects_kind k) { return opines(k) || k == KIND_CUE || k == KIND_SCALE; }
static bool names(aspects_kind k) {
    return k == KIND_NAME || k == KIND_PART || k == KIND_FITS || k == KIND_FIT || k == KIND_SHADE;
}

static aspects_kind kind_at(const aspects_sentence *s, int k) {
    return k >= 0 && k < s->n_tags ? s->tag[k].kind : KIND_NOTHING;
}

/* ---- polarity ---- */

/* True when a part goes on with what the part before it began: "itches or rubs", and the middle of
 * "nothing pinches, rubs or rides up". */
static bool goes_on(const aspects_sentence *s, int part) {
    int tokens = 0;
    if (s->part_join[part] == KIND_OR) return true;
    if (s->part_join[part] != KIND_NOTHING || part + 1 >= s->n_parts) return false;
    for (int i = 0; i < s->n_tokens; i++) tokens += s->part_of[i] == part;
    return tokens <= 2 && goes_on(s, part + 1);
}

/* Negations that stand before tag k in its part, or in the parts that it goes on with. */
static int negations(const aspects_sentence *s, int k) {
    int part = s->tag[k].part;
    for (int j = k - 1; j >= -1; j--) {
        int count = 0;
        for (; j >= 0 && s->tag[j].part == part; j--)
            if (s->tag[j].kind == KIND_NOT)
                count += part != s->tag[k].part || s->tag[k].first - s->tag[j].last <= REACH;
        if (count > 0 || part == 0 || !goes_on(s, part)) return count;
        part--;
        j++;
    }
    return 0;
}

/* The tag of `kind` that stands before tag k in its part, with degrees and nothing else between. */
static int just_before(const aspects_sentence *s, int k, aspects_kind kind) {
    int at = s->tag[k].first;
    for (int j = k - 1; j >= 0 && s->tag[j].part == s->tag[k].part; j--) {
        if (at - s->tag[j].last > 2) return -1;
        if (s->tag[j].kind == kind) return j;
        if (s->tag[j].kind != KIND_DEGREE) return -1;
        at = s->tag[j].first;
    }
    return -1;
}

static bool just_after(const aspects_sentence *s, int k, aspects_kind kind, int reach) {
    return kind_at(s, k + 1) == kind && s->tag[k + 1].part == s->tag[k].part &&
           s->tag[k + 1].first - s->tag[k].last <= reach;
}

/* A wish or worry before tag k whose part (and what "and" adds to it) holds k; -1 = none. */
static int under(const aspects_sentence *s, int k, aspects_kind kind) {
    int part = s->tag[k].part;
    for (int j = k - 1; j >= 0 && s->tag[j].clause == s->tag[k].clause; j--) {
        while (s->tag[j].part < part) {
            int join = s->part_join[part];
            if (join != KIND_AND && join != KIND_OR) return -1;
            part--;
        }
        if (s->tag[j].kind == kind) return j;
    }
    return -1;
}

static int scale_polarity(const aspects_sentence *s, int k, int base, int nots) {
    bool too = just_before(s, k, KIND_TOO) >= 0, enough = just_after(s, k, KIND_ENOUGH, 1);
    bool degree = just_before(s, k, KIND_DEGREE) >= 0;
    aspect a = (aspect)s->tag[k].row->aspect;
    if (too) return nots & 1 ? 1 : -1;
    if (enough) return nots & 1 ? -1 : 1;
    if (just_after(s, k, KIND_THAN, 1)) return nots & 1 ? 0 : -1;
    if (degree && base == 0 && (a == ASPECT_FIT || a == ASPECT_LENGTH)) base = -1;
    if (nots & 1) return base == 0 ? (degree ? -1 : 0) : -base;
    return base;
}

static void set_polarity(aspects_sentence *s, int k) {
    aspects_tag *t = &s->tag[k];
    int base = t->row->polarity, nots = negations(s, k);
    if (t->kind == KIND_LIKE) base = 1;
    if (t->kind == KIND_SCALE) {
        base = scale_polarity(s, k, base, nots);
    } else if (t->kind == KIND_CUE) {
        bool too = just_before(s, k, KIND_TOO) >= 0;
        if (too && base > 0 && t->row->aspect != ASPECT_STYLE) base = -base;
        if (nots & 1) base = -base;
    } else if (nots & 1) {
        base = -base;
    }
    if (base > 0 && under(s, k, KIND_WISH) >= 0) base = -1;
    if (base == 0 && t->kind == KIND_SCALE && under(s, k, KIND_WISH) >= 0) base = -1;
    t->polarity = (int8_t)base;
}

/* ---- what an opinion is about ---- */

/* True when a form of "to be" stands between the tokens a and b (b's degrees aside). */
static bool is_between(const aspects_sentence *s, int a, int b) {
    for (int i = a; i < b; i++) {
        int k = s->tag_of[i];
        if (k >= 0 && (s->tag[k].kind == KIND_BE || s->token[i].negative)) return true;
    }
    return false;
}

static int nearest_left(const aspects_sentence *s, int k, int reach) {
    int part = -1;
    for (int j = k - 1; j >= 0 && s->tag[j].part == s->tag[k].part; j--) {
        if (!names(s->tag[j].kind) || s->tag[k].first - s->tag[j].last > reach) continue;
        if (s->tag[j].kind != KIND_PART) return j;
        if (part < 0) part = j;
    }
    return part;
}

static int nearest_right(const aspects_sentence *s, int k, int reach) {
    for (int j = k + 1; j < s->n_tags && s->tag[j].part == s->tag[k].part; j++) {
        const aspects_tag *t = &s->tag[j];
        if (t->first - s->tag[k].last > reach || t->kind == KIND_BE) return -1;
        if (names(t->kind)) return j;
    }
    return -1;
}

/* The name that opinion k is about, or -1: what stands before "is k", what follows "k …". */
static int target_of(const aspects_sentence *s, int k) {
    int left = nearest_left(s, k, REACH), right = nearest_right(s, k, REACH);
    if (left >= 0 && (is_between(s, s->tag[left].last + 1, s->tag[k].first) ||
                      s->tag[left].kind == KIND_FITS))
        return left;
    if (right >= 0) return right;
    if (left >= 0) return left;
    for (int j = k - 1; j >= 0 && s->tag[j].clause == s->tag[k].clause; j--) {
        aspects_kind kind = s->tag[j].kind;
        if (s->tag[j].part == s->tag[k].part) continue;
        if ((kind == KIND_NAME || kind == KIND_FITS) && !s->tag[j].opinion &&
            !opines(kind_at(s, j + 1)))
            return j;
    }
    return -1;
}

static void give(aspects_tag *name, int polarity) {
    if (!name->opinion || name->polarity == 0) name->polarity = (int8_t)polarity;
    name->opinion = true;
}

/* The aspect of a name that an opinion of this kind is about: pretty sleeves are style. */
static int aspect_of(const aspects_tag *name, const aspects_tag *opinion) {
    int a = name->row->aspect;
    if (name->kind == KIND_FITS || name->kind == KIND_FIT) return ASPECT_FIT;
    if (name->kind == KIND_SHADE) return ASPECT_COLOUR;
    if (name->kind != KIND_PART || !opinion) return a;
    bool body = a == ASPECT_FIT || a == ASPECT_LENGTH;
    if (opinion->kind == KIND_LOOKS && opinion->row->aspect == ASPECT_FIT) return ASPECT_FIT;
    if (opinion->kind == KIND_LOOKS && (body || a == ASPECT_QUALITY)) return ASPECT_STYLE;
    return opines(opinion->kind) && a == ASPECT_LENGTH ? ASPECT_STYLE : a;
}

/* ---- mentions of a sentence ---- */

typedef struct said {
    int clause, aspect, polarity, first, last; /* tokens */
    aspects_way way;
    bool sure, worried, wished;
} said;

typedef struct saying {
    int n;
    said at[64];
} saying;

static void say(saying *to, const aspects_sentence *s, int k, int aspect_, int polarity,
                aspects_way way, bool sure) {
    said one = {.clause = s->tag[k].clause, .aspect = aspect_, .polarity = polarity, .way = way,
                .first = s->tag[k].first, .last = s->tag[k].last, .sure = sure,
                .worried = under(s, k, KIND_WORRY) >= 0,
                .wished = under(s, k, KIND_WISH) >= 0};
    if (aspect_ == ASPECT_NONE) return;
    for (int i = 0; i < to->n; i++) {
        said *old = &to->at[i];
        if (old->clause != one.clause || old->aspect != aspect_) continue;
        if (old->polarity == polarity || !sure) {
            if (old->way == ASPECTS_NO_WAY) old->way = way;
            return;
        }
        if (!old->sure) {
            *old = one;
            return;
        }
    }
    if (to->n < 64) to->at[to->n++] = one;
}

static bool has(const saying *of, int aspect_, int polarity) {
    for (int i = 0; i < of->n; i++)
        if (of->at[i].aspect == aspect_ && of->at[i].polarity == polarity) return true;
    return false;
}

static bool has_any(const saying *of, int aspect_) {
    return has(of, aspect_, -1) || has(of, aspect_, 1);
}

/* A word of size says something of the size only as "is big", "too big", "big." */
static bool is_predicate(const aspects_sentence *s, int k) {
    const aspects_tag *t = &s->tag[k];
    bool before = t->first == 0 || s->token[t->first].join != JOIN_NONE ||
                  just_before(s, k, KIND_TOO) >= 0 || just_before(s, k, KIND_BE) >= 0 ||
                  just_before(s, k, KIND_DEGREE) >= 0 || just_after(s, k, KIND_THAN, 1);
    int next = t->last + 1;
    if (next >= s->n_tokens || s->token[next].join != JOIN_NONE) return before;
    int after = s->tag_of[next];
    if (after >= 0 && (names(s->tag[after].kind) || s->tag[after].kind == KIND_GARMENT))
        return false;
    return before && (after >= 0 || just_before(s, k, KIND_TOO) >= 0 || s->token[next].small);
}

/* The aspect of a cue by what it is said of: a hideous green is colour, flimsy zips and beads that
 * fall off are quality, material that clings is fabric. */
static int aspect_of_cue(const aspects_sentence *s, int k) {
    const aspects_tag *t = &s->tag[k];
    int a = t->row->aspect, left = nearest_left(s, k, REACH), right = k + 1;
    int before = left < 0 ? ASPECT_NONE : aspect_of(&s->tag[left], NULL), after = ASPECT_NONE;
    bool near = left >= 0 && t->first - s->tag[left].last <= 2;
    bool is = left >= 0 && is_between(s, s->tag[left].last + 1, t->first);
    if (just_after(s, k, kind_at(s, right), 1) && names(kind_at(s, right)))
        after = aspect_of(&s->tag[right], NULL);
    if (a == ASPECT_STYLE && ((is && before == ASPECT_COLOUR) || after == ASPECT_COLOUR))
        return ASPECT_COLOUR;
    if (a == ASPECT_FABRIC && (after == ASPECT_QUALITY || after == ASPECT_DELIVERY)) return after;
    if (a == ASPECT_FIT && near && (before == ASPECT_QUALITY || before == ASPECT_FABRIC))
        return before;
    return a;
}

static void say_cue(saying *to, const aspects_sentence *s, int k) {
    const aspects_tag *t = &s->tag[k];
    aspects_way way = t->polarity == t->row->polarity ? t->row->way : ASPECTS_NO_WAY;
    say(to, s, k, aspect_of_cue(s, k), t->polarity, way, true);
}

/* Of what a scale speaks: too big sleeves and waists are fit, too big a print is colour. */
static void say_scale(saying *to, const aspects_sentence *s, int k) {
    const aspects_tag *t = &s->tag[k];
    int a = t->row->aspect, about = -1;
    aspects_way way = t->polarity < 0 ? t->row->way : ASPECTS_NO_WAY;
    bool sized = a == ASPECT_SIZE;
    if (a != ASPECT_LENGTH && a != ASPECT_FABRIC) {
        about = nearest_left(s, k, REACH);
        int right = nearest_right(s, k, 4);
        if (about < 0 && right >= 0 && s->tag[right].kind == KIND_PART) about = right;
    }
    bool plain = sized || (a == ASPECT_FABRIC && t->row->polarity < 0); /* "a heavy knit" */
    if (plain && about < 0 && !is_predicate(s, k)) return;
    if (about >= 0) {
        int its = s->tag[about].kind == KIND_FITS ? ASPECT_NONE : aspect_of(&s->tag[about], NULL);
        if (its == ASPECT_LENGTH || its == ASPECT_FIT) its = ASPECT_FIT;
        if (its == ASPECT_SIZE || its == ASPECT_NONE || its == ASPECT_FABRIC) its = a;
        if (its != a) way = ASPECTS_NO_WAY;
        if (its != a && t->polarity == 0) return;
        a = its;
    }
    if (t->polarity != 0) say(to, s, k, a, t->polarity, way, true);
}

/* "too" before a word that the lexicon does not know: the pockets are too shallow. */
static void say_too(saying *to, const aspects_sentence *s, int k) {
    const aspects_tag *t = &s->tag[k];
    int next = t->last + 1;
    if (next >= s->n_tokens || s->part_of[next] != t->part || s->token[next].join != JOIN_NONE)
        return;
    int after = s->tag_of[next], about = nearest_left(s, k, REACH);
    if ((after >= 0 && s->tag[after].kind != KIND_OPINION) || about < 0) return;
    if (s->tag[about].opinion || !is_between(s, s->tag[about].last + 1, t->first)) return;
    say(to, s, about, aspect_of(&s->tag[about], NULL), negations(s, k) & 1 ? 1 : -1,
        ASPECTS_NO_WAY, true);
}

/* "more orange than on the screen", "more of a cream": not the colour that was ordered. */
static void say_shade(saying *to, const aspects_sentence *s, int k) {
    for (int j = k - 1; j >= 0 && s->tag[k].first - s->tag[j].last <= 4; j--)
        if (s->tag[j].kind == KIND_DEGREE && s->tag[j].part == s->tag[k].part &&
            s->token[s->tag[j].last].more)
            say(to, s, k, ASPECT_COLOUR, -1, ASPECTS_NO_WAY, true);
}

static void say_opinion(saying *to, aspects_sentence *s, int k) {
    aspects_tag *t = &s->tag[k];
    int about = target_of(s, k);
    if (t->polarity == 0) return;
    if (about < 0) {
        if (t->kind == KIND_LOOKS) say(to, s, k, ASPECT_STYLE, t->polarity, ASPECTS_NO_WAY, true);
        return;
    }
    aspects_tag *name = &s->tag[about];
    int a = aspect_of(name, t);
    t->used = true;
    give(name, t->polarity);
    aspects_way way = a == ASPECT_SIZE && t->polarity > 0 ? ASPECTS_TRUE : ASPECTS_NO_WAY;
    say(to, s, about, a, t->polarity, way, true);
}

/* ---- names that no opinion found ---- */

/* "no stretch", "without support": a negation right before the name. */
static bool denied(const aspects_sentence *s, int k) {
    return kind_at(s, k - 1) == KIND_NOT && s->tag[k].first - s->tag[k - 1].last <= 2 &&
           s->tag[k - 1].part == s->tag[k].part && !s->token[s->tag[k - 1].last].negative;
}

static bool blamed(const aspects_sentence *s, int k) {
    if (under(s, k, KIND_WISH) >= 0) return true;
    for (int j = k - 1; j >= 0 && s->tag[j].clause == s->tag[k].clause; j--)
        if (s->tag[j].kind == KIND_BUT && s->tag[j].row->polarity < 0) return true;
    return false;
}

/* "great fit, fabric and colour", "the cut and the colour are lovely": the neighbour's polarity,
 * when the part is hardly more than the name. */
static int shared(const aspects_sentence *s, int k) {
    int part = s->tag[k].part, tokens = 0;
    for (int i = 0; i < s->n_tokens; i++) tokens += s->part_of[i] == part;
    if (tokens > 4) return 0;
    for (int j = k - 1; j >= 0 && s->tag[j].clause == s->tag[k].clause; j--)
        if (s->tag[j].opinion && s->tag[j].part == part - 1) return s->tag[j].polarity;
    for (int j = k + 1; j < s->n_tags && s->tag[j].clause == s->tag[k].clause; j++)
        if (s->tag[j].opinion && s->tag[j].part == part + 1) return s->tag[j].polarity;
    return 0;
}

static bool spoken_of(const saying *of, const aspects_sentence *s, int k, int aspect_) {
    for (int i = 0; i < of->n; i++)
        if (of->at[i].clause == s->tag[k].clause && of->at[i].aspect == aspect_) return true;
    return false;
}

static void say_name(saying *to, aspects_sentence *s, int k) {
    aspects_tag *t = &s->tag[k];
    int a = aspect_of(t, NULL), polarity;
    if (t->opinion || t->kind == KIND_SHADE || spoken_of(to, s, k, a)) return;
    if (t->kind == KIND_FITS) {
        bool other = spoken_of(to, s, k, ASPECT_SIZE) || spoken_of(to, s, k, ASPECT_LENGTH);
        polarity = negations(s, k) & 1 ? -1 : 1;
        if (under(s, k, KIND_WISH) >= 0) polarity = -1;
        if (!other || polarity < 0) say(to, s, k, ASPECT_FIT, polarity, ASPECTS_NO_WAY, true);
        return;
    }
    polarity = denied(s, k) || blamed(s, k) ? -1 : shared(s, k);
    if (polarity != 0) give(t, polarity);
    if (polarity != 0 || t->kind != KIND_PART)
        say(to, s, k, a, polarity, ASPECTS_NO_WAY, polarity != 0);
}

/* ---- whole sentences ---- */

static int find_kind(const aspects_sentence *s, aspects_kind kind) {
    for (int k = 0; k < s->n_tags; k++)
        if (s->tag[k].kind == kind) return k;
    return -1;
}

/* What a wash did: to the colour, the quality, the fabric. */
static void say_wash(saying *to, const aspects_sentence *s) {
    static const int hurt[] = {ASPECT_COLOUR, ASPECT_QUALITY, ASPECT_FABRIC, ASPECT_SIZE};
    int wash = find_kind(s, KIND_WASH);
    if (wash < 0 || has_any(to, ASPECT_CARE)) return;
    for (int bad = 1; bad >= 0; bad--)
        for (size_t i = 0; i < sizeof hurt / sizeof hurt[0]; i++)
            if (has(to, hurt[i], bad ? -1 : 1)) {
                say(to, s, wash, ASPECT_CARE, bad ? -1 : 1, ASPECTS_NO_WAY, true);
                return;
            }
    for (int k = 0; k < s->n_tags; k++)
        if (opines(s->tag[k].kind) && !s->tag[k].used && s->tag[k].polarity != 0) {
            say(to, s, wash, ASPECT_CARE, s->tag[k].polarity, ASPECTS_NO_WAY, true);
            return;
        }
}

static int next_size(const aspects_sentence *s, int from) {
    while (from < s->n_tokens && !s->token[from].size) from++;
    return from;
}

/* "I usually take a 38 and needed a 39": +1 = a larger one than usual, -1 = a smaller one. */
static int size_step(const aspects_sentence *s, int usual) {
    int mine = next_size(s, s->tag[usual].first), need = usual;
    while (need < s->n_tags && s->tag[need].kind != KIND_NEED) need++;
    if (need == s->n_tags || mine >= s->tag[need].first) return 0;
    int got = next_size(s, s->tag[need].last + 1);
    if (got >= s->n_tokens || got - s->tag[need].last > 5) return 0;
    int a = s->token[mine].size, b = s->token[got].size;
    return (a > 500) != (b > 500) ? 0 : (b > a) - (b < a);
}

/* "My usual 10 was perfect": the size is as labelled. */
static void say_usual(saying *to, const aspects_sentence *s) {
    int usual = find_kind(s, KIND_USUAL), sign = 0;
    if (usual < 0 || has_any(to, ASPECT_SIZE)) return;
    int step = size_step(s, usual);
    if (step != 0) {
        say(to, s, usual, ASPECT_SIZE, -1, step > 0 ? ASPECTS_SMALL : ASPECTS_LARGE, true);
        return;
    }
    if (has(to, ASPECT_FIT, 1) && !has(to, ASPECT_FIT, -1)) sign = 1;
    for (int k = usual + 1; k < s->n_tags && sign == 0; k++)
        if (s->tag[k].kind == KIND_OPINION && !s->tag[k].used) sign = s->tag[k].polarity;
    if (sign != 0)
        say(to, s, usual, ASPECT_SIZE, sign, sign > 0 ? ASPECTS_TRUE : ASPECTS_NO_WAY, true);
}

/* What was feared did not come true, and what was wished for is missing, unless the sentence says
 * otherwise of the same aspect. Too small and too big is no direction. */
static void settle(saying *of) {
    int n = 0;
    bool small = false, large = false;
    for (int i = 0; i < of->n; i++) {
        bool sized = of->at[i].aspect == ASPECT_SIZE;
        small = small || (sized && of->at[i].way == ASPECTS_SMALL);
        large = large || (sized && of->at[i].way == ASPECTS_LARGE);
    }
    for (int i = 0; small && large && i < of->n; i++) of->at[i].way = ASPECTS_NO_WAY;
    for (int i = 0; i < of->n; i++) {
        said one = of->at[i];
        bool told = false;
        for (int j = 0; j < of->n; j++)
            told = told || (!of->at[j].worried && !of->at[j].wished && of->at[j].sure &&
                            of->at[j].aspect == one.aspect);
        if ((one.worried || one.wished) && told) continue;
        if (one.worried && one.polarity < 0) one.polarity = 1, one.way = ASPECTS_NO_WAY;
        of->at[n++] = one;
    }
    of->n = n;
}

/* By place; equals stay as they are. */
static void order(saying *of) {
    for (int i = 1; i < of->n; i++)
        for (int j = i; j > 0 && of->at[j].first < of->at[j - 1].first; j--) {
            said one = of->at[j];
            of->at[j] = of->at[j - 1];
            of->at[j - 1] = one;
        }
}

static void put(const saying *of, const aspects_sentence *s, aspects_sink *to) {
    for (int i = 0; i < of->n; i++) {
        const said *one = &of->at[i];
        int first = one->first, last = one->last;
        while (first > 0 && s->clause_of[first - 1] == one->clause) first--;
        while (last + 1 < s->n_tokens && s->clause_of[last + 1] == one->clause) last++;
        if (to->at)
            to->at[to->n] = (aspects_mention){
                .text = to->text, .from = s->token[first].from, .to = s->token[last].to,
                .aspect = (uint8_t)one->aspect, .way = (uint8_t)one->way,
                .polarity = (int8_t)one->polarity, .sure = one->sure};
        to->n++;
    }
}

void aspects_judge(aspects_sentence *s, aspects_sink *to) {
    saying all = {0};
    to->clauses += s->n_clauses;
    for (int k = 0; k < s->n_tags; k++)
        if (says(s->tag[k].kind) || s->tag[k].kind == KIND_LIKE) set_polarity(s, k);
    for (int k = 0; k < s->n_tags; k++) {
        aspects_kind kind = s->tag[k].kind;
        if (opines(kind) || kind == KIND_LIKE) say_opinion(&all, s, k);
        if (kind == KIND_CUE) say_cue(&all, s, k);
        if (kind == KIND_SCALE) say_scale(&all, s, k);
        if (kind == KIND_TOO) say_too(&all, s, k);
        if (kind == KIND_SHADE) say_shade(&all, s, k);
    }
    for (int k = 0; k < s->n_tags; k++)
        if (names(s->tag[k].kind)) say_name(&all, s, k);
    say_usual(&all, s);
    say_wash(&all, s);
    settle(&all);
    order(&all);
    put(&all, s, to);
}
