/* models_tongue: English told from other languages and scripts, on sentences of our own. */
#include "check.h"

#include <string.h>

#include "data/columns.h"
#include "data/db.h"
#include "models/language/tongue.h"

typedef struct sentences {
    const char *language;
    const char *of[9];
} sentences;

/* As customers write: short, without accents in places, with names and sizes. */
static const sentences others[] = {
    {"German",
     {"Das Kleid ist wunderschön und passt perfekt.", "Leider viel zu klein ausgefallen",
      "Sehr gute Qualität, gerne wieder!", "Bin zufrieden, schnelle Lieferung",
      "Der Stoff ist dünn und kratzt, geht zurück.", "Tolle Hose, sitzt super",
      "Ich habe Größe M bestellt und sie ist mir zu weit.", "schoene Farbe, aber schlecht genaeht",
      "Würde ich nicht noch einmal kaufen."}},
    {"French",
     {"La robe est magnifique et taille bien.", "Trop petit, je suis déçue",
      "Très belle qualité, je recommande !", "Le tissu est un peu transparent",
      "J'ai commandé du M et c'est trop grand.", "Parfait pour l'été",
      "Livraison rapide, produit conforme à la photo",
      "Jolie couleur mais les manches sont courtes",
      "Je ne l'achèterais pas une deuxième fois."}},
    {"Spanish",
     {"El vestido es precioso y queda muy bien.", "Me encanta, pero la talla es pequeña",
      "Muy buena calidad, lo recomiendo.", "La tela es muy fina y se transparenta",
      "Compré una M y me queda grande.", "No lo volvería a comprar",
      "Envío rápido y producto igual a la foto", "Los zapatos son muy cómodos",
      "Bonito color pero las mangas son cortas"}},
    {"Italian",
     {"Il vestito è bellissimo e veste bene.", "Troppo piccolo, sono delusa",
      "Ottima qualità, lo consiglio!", "Il tessuto è un po' trasparente",
      "Ho ordinato una M ed è troppo grande.", "Non lo comprerei di nuovo",
      "Spedizione veloce, prodotto come nella foto", "Le scarpe sono molto comode",
      "Bel colore ma le maniche sono corte"}},
    {"Dutch",
     {"De jurk is prachtig en past perfect.", "Helaas veel te klein",
      "Hele goede kwaliteit, aanrader!", "De stof is een beetje doorschijnend",
      "Ik heb maat M besteld en die is te groot.", "Zou ik niet nog een keer kopen",
      "Snelle levering, product zoals op de foto", "De schoenen zitten heel lekker",
      "Mooie kleur maar de mouwen zijn te kort"}},
    {"Swedish",
     {"Klänningen är jättefin och sitter bra.", "Tyvärr alldeles för liten",
      "Mycket bra kvalitet, rekommenderas!", "Tyget är lite genomskinligt",
      "Jag beställde storlek M och den är för stor.", "Skulle inte köpa igen",
      "Snabb leverans och precis som på bilden", "Skorna är väldigt sköna",
      "Fin färg men ärmarna är för korta"}},
    {"Danish",
     {"Kjolen er smuk og sidder perfekt.", "Desværre alt for lille",
      "Meget god kvalitet, kan anbefales!", "Stoffet er lidt gennemsigtigt",
      "Jeg har købt en str. M og den er for stor.", "Ville ikke købe den igen",
      "Hurtig levering og ligner billedet", "Skoene er meget behagelige at gå i",
      "Flot farve, men ærmerne er for korte"}},
    {"Norwegian",
     {"Kjolen er nydelig og sitter bra.", "Dessverre altfor liten",
      "Veldig god kvalitet, anbefales!", "Stoffet er litt gjennomsiktig",
      "Jeg bestilte størrelse M og den er for stor.", "Ville ikke kjøpt den igjen",
      "Rask levering og akkurat som på bildet", "Skoene er veldig behagelige",
      "Fin farge, men ermene er for korte"}},
    {"Finnish",
     {"Mekko on todella kaunis ja istuu hyvin.", "Valitettavasti aivan liian pieni",
      "Erittäin hyvä laatu, suosittelen!", "Kangas on hieman läpinäkyvä",
      "Tilasin koon M ja se on liian iso.", "En ostaisi uudestaan",
      "Nopea toimitus ja tuote vastaa kuvaa", "Kengät ovat todella mukavat jalassa",
      "Kiva väri mutta hihat ovat lyhyet"}},
    {"Polish",
     {"Sukienka jest piękna i dobrze leży.", "Niestety o wiele za mała",
      "Bardzo dobra jakość, polecam!", "Materiał jest trochę prześwitujący",
      "Zamówiłam rozmiar M i jest za duży.", "Nie kupiłabym tego drugi raz",
      "Szybka dostawa, produkt zgodny ze zdjęciem", "Buty są bardzo wygodne",
      "Ładny kolor, ale rękawy za krótkie"}},
    {"Portuguese",
     {"O vestido é lindo e ficou muito bem.", "Infelizmente muito pequeno",
      "Ótima qualidade, recomendo!", "O tecido é um pouco transparente",
      "Comprei o tamanho M e ficou grande.", "Não compraria outra vez",
      "Entrega rápida e produto igual à foto", "Os sapatos são muito confortáveis",
      "Cor bonita mas as mangas são curtas"}},
    {"Turkish",
     {"Elbise çok güzel ve tam oldu.", "Maalesef çok küçük geldi",
      "Kaliteli bir ürün, tavsiye ederim!", "Kumaşı biraz ince ve içini gösteriyor",
      "M beden aldım ama büyük geldi.", "Bir daha almam",
      "Hızlı kargo, ürün fotoğraftaki gibi", "Ayakkabılar çok rahat",
      "Rengi güzel ama kolları kısa"}},
    {"Greek", {"Το φόρεμα είναι πολύ ωραίο", "Μου ήρθε μικρό", "Πολύ καλή ποιότητα"}},
    {"Cyrillic script", {"Платье очень красивое", "Маломерит, вернула", "Качество отличное!!"}},
    {"Arabic script", {"الفستان جميل جدا", "المقاس صغير", "جودة ممتازة"}},
    {"Japanese", {"ワンピースはとても可愛いです", "サイズが小さい", "品質がいい"}},
    {"Chinese", {"裙子很漂亮", "尺码偏小", "质量很好 Zara"}},
    {"Korean", {"원피스가 정말 예뻐요", "사이즈가 작아요", "품질이 좋아요"}},
    {"Hebrew", {"השמלה מאוד יפה", "קטן מדי", "איכות טובה"}},
    {"Thai", {"ชุดสวยมาก", "ไซส์เล็กไป", "คุณภาพดี"}},
};
enum { OTHERS = sizeof others / sizeof *others };

static const char *const english[] = {
    "Love this dress!", "Too small.", "The fabric is thin and the seams came apart after one wash",
    "Super cute, runs large", "Great quality for the price", "I am 5'4\" and the S fits well",
    "It itches", "Returned it.", "Fits true to size, so comfy", "Not what I expected at all...",
    "my new favourite", "beautiful color but see-through", "Ordered my usual size & it was huge",
    "Nope", "Would not buy again", "The décolleté is très chic, a real crème de la crème piece",
    "This Italian wool coat made by La Dolce Vita is gorgeous", "Zara has better ones tbh",
    "gr8 fit luv it", "dont waste ur money", "I LOVE MY NEW JEANS", "good", "Comfy cozy!",
    "Perfect for the office, in El Paso it is too hot for a lined skirt",
    "Was für ein Kleid, as the Germans say - it is really lovely and I wear it all the time",
    "A-line midi in a size M, worn with tights", "Pretty, but the hem is uneven",
    "Se ve bien, my abuela says, and I agree: it looks great on me",
};
enum { ENGLISH = sizeof english / sizeof *english };

/* Written after the rule, and not used for it: shoes, bags, returns, service. */
static const sentences later[] = {
    {"German",
     {"Die Tasche ist kleiner als gedacht", "Absatz nach zwei Wochen abgebrochen",
      "Rücksendung hat problemlos geklappt", "Schöner Schnitt, weiches Material",
      "Meine Tochter liebt den Pullover"}},
    {"French",
     {"Le sac est plus petit que prévu", "Talon cassé après deux semaines",
      "Retour accepté sans problème", "Belle coupe, matière douce",
      "Ma fille adore ce pull"}},
    {"Spanish",
     {"El bolso es más pequeño de lo que pensaba", "Se rompió el tacón a las dos semanas",
      "La devolución fue muy fácil", "Buen corte y tejido suave",
      "A mi hija le encanta el jersey"}},
    {"Italian",
     {"La borsa è più piccola del previsto", "Tacco rotto dopo due settimane",
      "Reso accettato senza problemi", "Bel taglio, materiale morbido",
      "Mia figlia adora questo maglione"}},
    {"Dutch",
     {"De tas is kleiner dan verwacht", "Hak na twee weken afgebroken",
      "Retour sturen ging zonder problemen", "Mooie snit, zacht materiaal",
      "Mijn dochter is dol op de trui"}},
    {"Swedish",
     {"Väskan är mindre än jag trodde", "Klacken gick av efter två veckor",
      "Returen gick hur smidigt som helst", "Snygg passform, mjukt material",
      "Min dotter älskar tröjan"}},
    {"Danish",
     {"Tasken er mindre end forventet", "Hælen knækkede efter to uger",
      "Det gik nemt at sende den retur", "Pænt snit og blødt materiale",
      "Min datter elsker trøjen"}},
    {"Norwegian",
     {"Vesken er mindre enn jeg trodde", "Hælen brakk etter to uker",
      "Returen gikk helt greit", "Fint snitt og mykt materiale",
      "Datteren min elsker genseren"}},
    {"Finnish",
     {"Laukku on pienempi kuin luulin", "Kanta irtosi kahden viikon jälkeen",
      "Palautus sujui ongelmitta", "Kaunis leikkaus ja pehmeä materiaali",
      "Tyttäreni rakastaa tätä puseroa"}},
    {"Polish",
     {"Torebka jest mniejsza niż myślałam", "Obcas odpadł po dwóch tygodniach",
      "Zwrot przebiegł bez problemu", "Ładny krój i miękki materiał",
      "Moja córka uwielbia ten sweter"}},
    {"Portuguese",
     {"A mala é mais pequena do que pensava", "O salto partiu ao fim de duas semanas",
      "A devolução foi muito simples", "Bom corte e tecido macio",
      "A minha filha adora a camisola"}},
    {"Turkish",
     {"Çanta düşündüğümden daha küçük", "Topuğu iki hafta sonra kırıldı",
      "İade işlemi sorunsuz oldu", "Kesimi güzel, kumaşı yumuşak",
      "Kızım bu kazağa bayıldı"}},
};
enum { LATER = sizeof later / sizeof *later };

typedef struct told {
    int n, english, unknown, named;
} told;

static told tell(const sentences *list, int n) {
    told t = {0};
    for (int k = 0; k < n; k++)
        for (int i = 0; i < 9 && list[k].of[i]; i++, t.n++) {
            const char *language;
            tongue is = tongue_of(slice_of(list[k].of[i]), &language);
            t.english += is == TONGUE_ENGLISH;
            t.unknown += is == TONGUE_UNKNOWN;
            t.named += is == TONGUE_OTHER && strcmp(language, list[k].language) == 0;
            if (is != TONGUE_OTHER)
                print_message("%s, read as %s: %s\n", list[k].language,
                              language ? language : "unknown", list[k].of[i]);
        }
    return t;
}

CHECK(tongue_tells_other_languages_from_english) {
    told t = tell(others, OTHERS);
    check(t.n == 132);
    check(t.english == 0);
    check(t.unknown <= 3);  /* measured: 0; what is unknown is read, in vain */
    check(t.named >= 128); /* measured: 131; neighbours (Danish, Norwegian) may be mixed up */
}

CHECK(tongue_tells_sentences_it_was_not_made_for) {
    told t = tell(later, LATER);
    check(t.n == 60);
    check(t.english <= 1);  /* measured: 1 (Dutch, no common word) */
    check(t.unknown <= 11); /* measured: 11: they are read, in vain */
    check(t.named >= 46);   /* measured: 47 */
}

CHECK(tongue_reads_english_as_english) {
    for (int i = 0; i < ENGLISH; i++) {
        const char *language;
        tongue t = tongue_of(slice_of(english[i]), &language);
        if (t == TONGUE_OTHER) print_message("%s: %s\n", language, english[i]);
        check(t != TONGUE_OTHER);
        check((t == TONGUE_UNKNOWN) == (language == NULL));
    }
}

CHECK(tongue_knows_too_little_of_signs_and_sizes) {
    static const char *const cases[] = {"", "   ", "!!!", "5/5", "XL",
                                        "\xF0\x9F\x98\x8D\xF0\x9F\x98\x8D",
                                        "Zara", "\xFF\xFE\x80", "10/10 \xE2\x9D\xA4"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *language = "";
        check(tongue_of(slice_of(cases[i]), &language) == TONGUE_UNKNOWN);
        check(language == NULL);
    }
    check(tongue_of(SLICE("the fabric is soft"), NULL) == TONGUE_ENGLISH);
}

/* Counted by hand: a listed word is two points, `sch` and `ung` inside a word that no list has are
 * one each, for German; four points are needed, of four words or with a word not English. */
CHECK(tongue_counts_points_as_its_header_says) {
    static const struct {
        const char *text;
        tongue is;
    } cases[] = {
        {"und oder", TONGUE_OTHER},
        {"und", TONGUE_UNKNOWN},
        {"und oder the and", TONGUE_ENGLISH},
        {"bschb gschg kungk zungz", TONGUE_OTHER},
        {"bschb gschg kungk", TONGUE_UNKNOWN},
        {"bschung gschung", TONGUE_UNKNOWN}, /* four points of two words */
        {"bschb gschg kungk zungz bbb ccc ddd fff ggg", TONGUE_UNKNOWN}, /* 4 < 9 / 2 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *language;
        tongue is = tongue_of(slice_of(cases[i].text), &language);
        if (is != cases[i].is) print_message("%s: %d\n", cases[i].text, is);
        check(is == cases[i].is);
        check(is != TONGUE_OTHER || strcmp(language, "German") == 0);
    }
}

CHECK(tongue_tables_are_in_order) {
    for (int i = 1; i < tongue_n_words; i++)
        check(slice_compare(slice_of(tongue_words[i - 1].word),
                            slice_of(tongue_words[i].word)) < 0);
    for (int i = 1; i < tongue_n_trigrams; i++)
        check(slice_compare(slice_of(tongue_trigrams[i - 1].word),
                            slice_of(tongue_trigrams[i].word)) < 0);
}

/* At most one English review in a thousand may be taken for foreign. */
CHECK(tongue_reads_real_reviews_as_english) {
    const char *data = check_data("reviews/Womens Clothing E-Commerce Reviews.csv");
    if (!data) skip("no real reviews here");
    scope s;
    db *d;
    columns c;
    err e = {0};
    check_ok(scope_open(&s, 256 << 20, 1 << 20, &e), &e);
    check_ok(db_open(&d, (db_params){1, 512, "/tmp/atelier-tongue"}, &e), &e);
    check_ok(db_query(d, &s.keep, &c, &e,
                      "SELECT \"Review Text\" AS t FROM read_csv('%s', header = true, "
                      "all_varchar = true, parallel = false) WHERE \"Review Text\" <> ''",
                      data), &e);
    int64_t count[3] = {0};
    for (int64_t i = 0; i < c.rows; i++) count[tongue_of(columns_text(&c, "t")[i], NULL)]++;
    check(c.rows == 22641);
    check(count[TONGUE_OTHER] * 1000 <= c.rows); /* measured: 0 */
    check(count[TONGUE_UNKNOWN] * 1000 <= c.rows); /* measured: 2 */
    db_close(d);
    scope_close(&s);
}
