/* demo_phrases: the grammar of the demo shop: reviews, titles and descriptions in plain English.
 *
 * A phrase is text with {slots}; a slot is replaced by one of its words, which may hold slots too.
 * {noun}, {colour} and {material} are the article's; {it}, {is}, {s} and the like agree with a noun
 * in the plural (the trousers fit, the dress fits). */
#include <ctype.h>
#include <string.h>

#include "pipeline/demo_world.h"

typedef struct slot {
    const char *name, *words; /* separated by '|' */
} slot;

static const slot slots[] = {
    {"really", "really|very|so|surprisingly|truly|remarkably"},
    {"bit", "a bit|a little|rather|quite|far|much|way"},
    {"sadly", "Sadly|Unfortunately|Shame that|Pity that|Sorry to say,"},
    {"love", "love|adore|like|am delighted with|am in love with|am so happy with"},
    {"great", "great|lovely|wonderful|perfect|beautiful|gorgeous|excellent|fantastic"},
    {"bad", "awful|poor|terrible|disappointing|dreadful|horrible|cheap"},
    {"when", "after one wash|after two wears|within a week|on the first day|after a month|"
             "after a few washes|almost at once"},
    {"who", "My sister|My daughter|My friend|My mother|My partner"},
    {"event", "work|a wedding|the office|holidays|everyday wear|a party|weekends|the school run|"
              "dinner out|travelling|a christening|the beach"},
    {"part", "waist|hips|shoulders|back|front|length|top|sides"},
    {"size", "usual size|normal size|regular size|size"},
    {"again", "I would buy {them} again|I already ordered a second one|I want one in every colour|"
              "highly recommended|worth every wear|no regrets"},
    {"kind", "Fitted|Loose-fit|Oversized|Classic|Short|Long|Straight-cut|Relaxed-fit|Slim-fit|"
             "Gently tapered"},
    {"soft", "soft|airy|heavy|fine|woven|washed|brushed|crisp"},
    {"detail", "a round neckline|concealed seams|side pockets|a narrow tie belt|covered buttons|"
               "an elasticated edge|a small embroidered motif|contrasting trims|a zip at the back|"
               "pleats at the front|raw edges|adjustable straps|a ribbed finish"},
    {"fit", "Regular fit for comfortable wear|Generous cut with dropped lines|Close fit that keeps "
            "its shape|Made to be worn loose|Cut slightly longer at the back"},
    {"lining", "Lined|Unlined|Partly lined in {soft} cotton|Lined in recycled polyester"},
    {"return", "I sent {them} back|back {it} went|I had to return {them}|{it} went straight back|"
               "I will not order again"},
};

static const char *const good[DEMO_TOPICS][9] = {
    {"The fit is {great} and true to size.", "{It} fit{s} {really} well, even at the {part}.",
     "I took my {size} and {it} fit{s} like a glove.",
     "The cut is {really} flattering at the {part}.",
     "{It} sit{s} just right at the {part}, {again}.", "Fits {me_really} well for {event}.",
     "The length is {great} and there is room at the {part}.",
     "{Who}, who is picky, says the fit is {great}.", NULL},
    {"The {material} feels soft and {great}.", "Such {great} fabric, soft and not see-through.",
     "The {material} is {really} soft on the skin.", "{Really} nice quality {material}, {again}.",
     "The fabric breathes and has a {great} drape.",
     "I {love} the {material}, light yet warm enough for {event}.",
     "The material is thick, smooth and {really} pleasant.",
     "Washes {really} well and the {material} stays soft.", NULL},
    {"The {colour} is {really} {great} in daylight.", "The colour is exactly as in the picture.",
     "I {love} the {colour}, it goes with everything I own.",
     "Such a {great} shade of {colour}.", "The {colour} stays bright wash after wash.",
     "{Colour} suits me and the shade is {really} rich.",
     "The colour looks even better than online, {again}.",
     "A {great} colour for {event}.", NULL},
    {"{Great} value for the money.", "For this price {it} {is} a {great} buy.",
     "I got {them} on sale and {it} {is} worth more than I paid.",
     "The price is {really} fair for what you get.", "Cheap but {it} look{s} expensive.",
     "You will not find {a_noun} like this for less.",
     "Worth every penny, {again}.", "A bargain for {event}.", NULL},
    {"Delivery was {really} fast.", "{It} arrived two days early and well packed.",
     "The parcel came quickly and everything was in order.",
     "Fast shipping and {great} packaging.", "Arrived in time for {event}, thank you.",
     "Ordered on Monday, wore {them} on Wednesday.",
     "Shipping was quick and the return label was in the box.",
     "The courier was friendly and on time.", NULL},
    {"The stitching is {great} and nothing came loose.", "{Really} well made.",
     "After many washes {it} still look{s} like new.",
     "The seams are neat and the finish is {great}.", "Solid quality, {again}.",
     "{It} {is} sturdy and will last for years.",
     "The zip and the details are {really} well done.",
     "Nothing pilled or frayed, the quality is {great}.", NULL},
    {"{It} look{s} {great} with jeans and heels alike.",
     "I get compliments every time I wear {them}.",
     "The design is {really} {great} for {event}.", "Such {a_great} style, simple and modern.",
     "I {love} how {this} {noun} look{s}.", "A {great} look for {event}.",
     "{Really} stylish, {again}.", "The cut and the details look {really} elegant.", NULL},
    {"{Really} comfortable, I wore {them} all day.", "So comfortable for {event}.",
     "{It} feel{s} {great} from morning to night.",
     "Nothing pinches, rubs or rides up.", "Comfy and cosy, {again}.",
     "I forget that I am wearing {them}.", "{It} move{s} with me and {is} {really} comfortable.",
     "The softest, most comfortable {noun} I own.", NULL},
};

static const char *const bad[DEMO_TOPICS][9] = {
    {"{It} run{s} {bit} small, order a size up.", "The fit is {bad} at the {part}.",
     "{It} {is} {bit} too tight at the {part}, {return}.",
     "I took my {size} and {it} {is} huge.", "{Sadly} the {part} is {bit} too wide.",
     "The sizing is all wrong, {return}.", "{Bit} too short in the length for me.",
     "{It} gape{s} at the {part} and bunch{es} up at the {part}.", NULL},
    {"The {material} feels {bad} and scratchy.", "The fabric is thin and see-through.",
     "{Sadly} the {material} itches, {return}.", "The material clings and creases {when}.",
     "{Bad} fabric, it smells of plastic.", "The {material} is {bit} too stiff for {event}.",
     "The fabric shrank {when}.", "So thin that everything shows through.", NULL},
    {"The colour is nothing like the picture.", "The {colour} faded {when}.",
     "The {colour} looks {bad} in daylight, {return}.",
     "The dye ran onto everything {when}.", "{Sadly} the shade is {bit} too dull.",
     "I expected {colour} and got something else.",
     "The colour is washed out and {bad}.", "The {colour} stained my other clothes {when}.", NULL},
    {"Not worth the money.", "{Bit} too expensive for what {it} {is}.",
     "{Sadly} overpriced for such {bad} work.", "For this price I expected more.",
     "The price dropped a week later, {return}.",
     "A waste of money, {return}.", "Far too dear for something that lasts a month.",
     "You pay for the label only.", NULL},
    {"Delivery took three weeks.", "The parcel arrived late and damaged.",
     "{It} came too late for {event}.", "They sent the wrong {noun}, {return}.",
     "Shipping was slow and nobody answered my mails.",
     "The box was torn and the {noun} {was} dirty.",
     "Still waiting for the refund.", "The courier left the parcel in the rain.", NULL},
    {"The seams came apart {when}.", "A hole appeared {when}.",
     "{Bad} quality, {return}.", "The stitching unravelled {when}.",
     "{It} pilled {when}.", "The zip broke {when}.",
     "Loose threads everywhere, {bad} finish.",
     "{Sadly} {it} fell apart {when}.", NULL},
    {"{It} look{s} {bad} on, {return}.", "The style is frumpy and {bit} too old for me.",
     "{Sadly} {it} look{s} nothing like on the model.",
     "The design is {bad} and shapeless.", "{It} look{s} {bit} too cheap for {event}.",
     "Boxy, shapeless and {bad}.", "I felt silly wearing {them} to {event}.",
     "The cut makes me look twice my width.", NULL},
    {"{Really} uncomfortable, {return}.", "{It} rub{s} and pinch{es} at the {part}.",
     "I could not wait to take {them} off.", "Not comfortable for {event} at all.",
     "{It} ride{s} up with every step.", "{Sadly} {it} dig{s} in at the {part}.",
     "{Bit} too hot and sweaty for {event}.", "My skin was red {when}.", NULL},
};

static const char *const titles[3][9] = {
    {"Disappointed", "{Bad} {noun}", "Not for me", "Do not buy", "{Return_title}",
     "Not as pictured", "{Bad} quality", "Expected more", NULL},
    {"It is okay", "Mixed feelings", "Nice but not perfect", "Average {noun}", "So so",
     "Could be better", "Almost right", "Not sure about {this} {noun}", NULL},
    {"{Love_title}", "{Great} {noun}", "So happy with {this} {noun}", "My new favourite",
     "{Great} for {event}", "Perfect!", "Must have", "Pretty in {colour}", NULL},
};

static const char *const words[] = {
    "Alma",  "Berit", "Clara", "Dina",  "Elsa",  "Frida", "Greta", "Hilma", "Iris",  "Juno",
    "Kaia",  "Linnea", "Maja", "Nora",  "Olivia", "Petra", "Ronja", "Saga", "Tilda", "Ulla",
    "Vera",  "Wilma", "Ylva",  "Astrid", "Bella", "Cleo",  "Edda",  "Fanny", "Heidi", "Inga",
    "Jonna", "Karin", "Lotta", "Mira",  "Nelly", "Oda",   "Pia",   "Rosa",  "Siri",  "Thea",
};
const int demo_n_words = sizeof words / sizeof words[0];
const char *demo_article_word(int word) { return words[word]; }

/* ---- from phrase to text ---- */

static bool is_plural(const char *noun) {
    size_t n = strlen(noun);
    return n > 2 && noun[n - 1] == 's' && noun[n - 2] != 's';
}

/* Words that agree with the noun: {name, singular, plural}. */
static const char *const agreeing[][3] = {
    {"it", "it", "they"},
    {"them", "it", "them"},
    {"is", "is", "are"},
    {"was", "was", "were"},
    {"s", "s", ""},
    {"es", "es", ""},
    {"this", "this", "these"},
    {"a_noun", "one", "ones"},
    {"a_great", "a {great}", "a {great}"},
    {"me_really", "me {really}", "me {really}"},
    {"love_title", "I {love} {this} {noun}", "I {love} {this} {noun}"},
    {"return_title", "Sent back", "Sent back"},
};

static void expand(text *to, const char *phrase, size_t n, const demo_article *a, rng *r);

static void add_choice(text *to, const char *choices, const demo_article *a, rng *r) {
    int n = 1;
    for (const char *c = choices; *c; c++) n += *c == '|';
    for (int64_t skip = rng_below(r, n); skip > 0; choices++) skip -= *choices == '|';
    expand(to, choices, strcspn(choices, "|"), a, r);
}

static void add_slot(text *to, slice name, const demo_article *a, rng *r) {
    const char *noun = demo_types[a->type].noun;
    if (slice_is_nocase(name, "noun")) {
        text_add(to, slice_of(noun));
    } else if (slice_is_nocase(name, "material")) {
        text_add(to, slice_of(demo_materials[a->material].name));
    } else if (slice_is_nocase(name, "colour")) {
        const char *colour = demo_colours[a->colour].name;
        for (; *colour; colour++) text_add_char(to, (char)tolower((unsigned char)*colour));
    } else {
        for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
            if (slice_is_nocase(name, slots[i].name)) add_choice(to, slots[i].words, a, r);
        for (size_t i = 0; i < sizeof agreeing / sizeof agreeing[0]; i++) {
            if (slice_is_nocase(name, agreeing[i][0]))
                add_choice(to, agreeing[i][1 + is_plural(noun)], a, r);
        }
    }
}

/* "a excellent drape" becomes "an excellent drape". */
static void mend_article(text *to, size_t from) {
    bool a = from >= 2 && to->p[from - 1] == ' ' && (to->p[from - 2] | 32) == 'a' &&
             (from == 2 || to->p[from - 3] == ' ');
    if (!a || to->n == from || !strchr("aeiouAEIOU", to->p[from])) return;
    text_add_char(to, ' ');
    memmove(to->p + from + 1, to->p + from, to->n - from - 1);
    memcpy(to->p + from - 1, "n ", 2);
}

/* A slot whose name begins with a capital begins its text with one. */
static void expand(text *to, const char *phrase, size_t n, const demo_article *a, rng *r) {
    for (size_t i = 0; i < n; i++) {
        if (phrase[i] != '{') {
            text_add_char(to, phrase[i]);
            continue;
        }
        size_t end = i + 1, from = to->n;
        while (phrase[end] != '}') end++;
        add_slot(to, (slice){phrase + i + 1, end - i - 1}, a, r);
        if (isupper((unsigned char)phrase[i + 1]) && to->n > from)
            to->p[from] = (char)toupper((unsigned char)to->p[from]);
        mend_article(to, from);
        i = end;
    }
}

static void add_one(text *to, const char *const *of, const demo_article *a, rng *r) {
    int n = 0;
    while (of[n]) n++;
    const char *phrase = of[rng_below(r, n)];
    size_t from = to->n;
    expand(to, phrase, strlen(phrase), a, r);
    if (to->n > from) to->p[from] = (char)toupper((unsigned char)to->p[from]);
}

void demo_sentence(text *to, const demo_article *a, int topic, int is_good, rng *r) {
    add_one(to, is_good ? good[topic] : bad[topic], a, r);
    if (rng_uniform(r) < .08) to->p[to->n - 1] = '!';
}

void demo_title(text *to, const demo_article *a, int rating, rng *r) {
    add_one(to, titles[rating <= 2 ? 0 : rating == 3 ? 1 : 2], a, r);
}

void demo_describe(text *to, const demo_article *a, rng *r) {
    static const char *const opening[] = {
        "{Kind} {noun} in {soft} {material}", "{Kind} {noun} in {material} with {detail}",
        "{Noun} in {soft} {material} with {detail}", NULL};
    static const char *const closing[] = {
        "{Fit}, with {detail}.", "{Fit}.", "{Lining}. {Fit}.", "{Lining}, with {detail}.", NULL};
    add_one(to, opening, a, r);
    text_add(to, SLICE(". "));
    add_one(to, closing, a, r);
}
