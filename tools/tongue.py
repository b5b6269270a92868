#!/usr/bin/env python3
"""tongue: writes src/models/language/tongue_tables.c: common words and fond trigrams of languages.

Usage: python3 tools/tongue.py

The lists are written by hand: function words first, then words that reviews of clothes are full of.
Accents are taken off as the program takes them off (NFD, marks dropped); `ß ø ł æ ı đ` have none and
stay. An apostrophe parts words. English is listed longest, because a word of English in another list must not count against it.
Trigrams are looked up only for words that no list has; `_` is the edge of a word.
"""
import unicodedata

OUT = "src/models/language/tongue_tables.c"

LANGUAGES = {
    "English": ("""
a i am an and are as at be been but by can could did do does doesn't don't didn't isn't wasn't can't
won't wouldn't couldn't it's i'm i've i'd i'll that's for from get got had has have he her hers here
him his how if in into is it its just like me more most my no not now of off on one only or other our
out over own she so some such than that the their them then there these they this those through to
too up us very was we well were what when where which while who why will with would you your about
after all also again always another any around away back because before being between both down each
even ever every few first however less little long looks looked look made make many maybe maybe much
must need never new next nothing once order ordered part perfect perfectly pretty quite really right
same see seems should since size small still sure take thing things think though thought time tried
try two under until want wanted way wear wearing wore white without worth yet
love loved great nice good bad beautiful cute comfortable soft flattering fit fits fitted dress top
shirt sweater jeans pants skirt jacket coat shoes fabric material quality color colors colour price
sale buy bought return returned returning large medium petite waist hips chest bust arms length
short shorter longer tight loose big bigger smaller huge true runs run design style look pattern
summer winter fall spring day work casual recommend disappointed happy unfortunately excellent super
cheap expensive thin thick sheer wash washed zipper button buttons sleeve sleeves neckline store
online picture photo model body figure feel feels felt compliments lace cotton silk wool linen
retailer piece item bottom front side back black blue red green pink grey gray navy lbs pounds inches
tall am old year years night people person better best bit lot almost enough else especially going
wait went put said say says stars star delivery shipping arrived box package money received gift
wrong poor awful terrible horrible worst waste refund service customer product wife husband daughter
mother son birthday christmas wedding party ok okay thanks thank please amazing awesome gorgeous
lovely adorable fun easy warm cool hot cold light dark bright heavy stretch stretchy high low
u ur im dont cant yo lol lmao omg haha ha ho hoe ass hell damn dumb stupid idiot na c'mon
whole house life man men woman women girl girls hand hands head
""", "_th the he_ ing ng_ ght igh ugh ous ed_ ly_ ck_ sh_ _wh wha ful tty lly ppy ough ee_ oo_ ay_ ow_ oul eas"),
    "German": ("""
der die das den dem des ein eine einen einem einer eines und oder aber auch ist sind war waren wird
werden wurde hat haben hatte habe bin ich du er sie wir ihr es mich mir mein meine meinen meiner sich
nicht kein keine nur noch schon sehr so zu zum zur mit von vom fur auf aus bei nach uber unter vor in
im an am als wie wenn dass weil da dann doch man was wer wo hier gut gute guter gutes schon schone
schones schoner leider etwas viel viele mehr immer wieder ganz ziemlich einfach wirklich leicht kann
konnte muss sollte wurde mal nie kleid große grosse großer klein kleiner hose jacke schuhe hemd bluse
rock mantel pullover stoff qualitat passt passen past farbe preis material tragen getragen bestellt
bestellung gekauft kaufen lieferung geliefert zuruck geschickt super toll tolle empfehlen zufrieden
bequem weich eng weit lang kurz dunn dick billig teuer verarbeitung armel knopf reißverschluss
enttauscht perfekt gefallt sitzt fallt angenehm ware artikel verkaufer schnell alles gerne
""", "sch ich cht ein ung ng_ ver eit _ge kei lic tz_ ß__ uss auf eie ehr"),
    "French": ("""
le la les l un une des du de d et ou mais est sont etait a ai as avons ont avait suis je j tu il elle
nous vous ils elles on me m mon ma mes se s sa son ses ce c cette ces cet ne n pas plus que qu qui
quoi dont au aux pour par sur sous dans en avec sans chez tres trop bien bon bonne tout toute tous si
comme mais aussi encore donc car quand ou y fait faire peu beaucoup meme moins assez vraiment robe
taille jolie joli belle beau tissu qualite couleur prix matiere pantalon chemise veste manteau
chaussures jupe haut pull petite petit grande grand produit article commande commandee recu livraison
colis achat achete acheter parfait parfaite recommande decue decu dommage confortable agreable doux
magnifique superbe correspond porter porte manches longueur mince trop serre large rapport conforme
rapide satisfaite satisfait retour renvoye vendeur mal jamais toujours
""", "eux aux eau oux que ent_ ez_ tte lle ais oir _qu ux_ eme ois our _l' _d' _j' _c' _n' _qu"),
    "Spanish": ("""
el la los las un una unos unas de del al y o u pero es son era fue ser estar esta este estas estos
eso esto esa ese he ha han habia yo tu ella nosotros ellos me te se le lo les nos mi mis su sus no
si que quien como cuando donde por para con sin sobre en entre hasta desde muy mas menos bien mal
bueno buena buen todo toda todos nada algo tan tambien ya porque aunque pues queda quedan quedo
vestido talla tela calidad color precio pantalon camisa chaqueta abrigo zapatos falda blusa jersey
camiseta bonito bonita hermoso hermosa grande pequeño pequeña pequeno pequena perfecto perfecta
encanta encanto gusta gusto recomiendo comodo comoda suave largo larga corto corta ajustado pedido
compra compre comprado llego llegado envio devolver devolucion tienda producto articulo material
volver volveria comprar compraria foto igual mucho mucha poco poca siempre nunca rapido contenta contento decepcionada tiene tengo
""", "cio ion_ ado_ ada_ ien lla ue_ _qu nte os_ as_ dad eza arr _el ito ita"),
    "Italian": ("""
il lo la i gli le l un uno una di del dello della dei degli delle a al allo alla ai agli alle da dal
dalla in nel nella con su sul sulla per tra fra e ed o ma se anche non piu meno molto poco troppo
tanto tutto tutta tutti che chi cui come quando dove perche quindi io tu lui lei noi voi loro mi ti
si ci vi ne mio mia miei sua suo suoi questo questa questi queste quello quella e' sono era ho ha
hanno abbiamo avere essere stato stata bene buono buona bello bella bellissimo bellissima vestito
abito taglia tessuto qualita colore prezzo materiale pantaloni camicia giacca cappotto scarpe gonna
maglia maglione consigliato consiglio comodo comoda morbido morbida veste vestibilita piccolo piccola
grande lungo lunga corto corta stretto stretta largo larga ordinato arrivato spedizione prodotto
articolo acquisto acquistato comprato perfetto perfetta purtroppo soddisfatta soddisfatto delusa
foto reso venditore veloce davvero ottimo ottima po pero ancora sempre mai
""", "zio ion gli ell tto ssi_ issi ott cch ghe che ett are_ ato_ ata_ one_ ni_ zza"),
    "Dutch": ("""
de het een en of maar is zijn was waren wordt worden werd heb heeft hebben had ik jij je hij zij ze
wij we jullie u mij me mijn zijn haar ons onze hun zich niet geen wel nog al ook te zeer heel erg zo
om voor van met op in uit bij naar over onder door aan als dan dat die dit deze er hier daar wat wie
waar hoe wanneer omdat want dus toch veel meer goed goede mooi mooie leuk leuke jurk maat stof
kwaliteit kleur prijs materiaal broek jas schoenen rok trui bloes shirtje valt past zit draagt dragen
gedragen besteld bestelling gekocht kopen levering geleverd teruggestuurd retour klein kleiner groot
groter grote lang kort strak ruim zacht fijn fijne prachtig aanrader tevreden helaas jammer snel
artikel product lekker mouwen dun dik goedkoop duur alleen altijd nooit weer gewoon iets
""", "ij_ ijk aar oor een eel oed _ge cht ver sch uur aat ie_ eer heid lij oek uit"),
    "Swedish": ("""
och eller men ar var vara varit blir blev har hade jag du han hon vi ni de dem mig dig sig min mitt
mina din sitt sin sina den det denna detta en ett inte ingen inga som att om for till fran med pa i
av vid under over efter nar hur vad vem dar har mycket lite mer mest bra bast fin fint fina snygg
klanning storlek storleken tyg kvalitet farg pris material byxor jacka kappa skor kjol troja blus
skjorta passar sitter skon skont skona liten stor stort stora lang kort tunn tjock bestallde
bestallt kopt kopte kopa leverans tillbaka rekommenderar nojd besviken tyvarr ocksa alltid aldrig
bara valdigt ganska riktigt jatte jattefin perfekt dyr billig an sa kan ska skulle fick far aven
""", "ning het ade_ tig ska ckt ör_ _fo att lle_ igt nde jat mme rna arna erna"),
    "Danish": ("""
og eller men er var vaere været har havde jeg du han hun vi i de dem mig dig sig min mit mine din sit
sin den det denne dette en et ikke ingen som at om for til fra med pa af ved under over efter nar
hvor hvad hvem der her meget lidt mere mest god godt gode flot flotte pæn pæne kjole størrelse
størrelsen stof kvalitet farve pris materiale bukser jakke frakke sko nederdel trøje bluse skjorte
passer sidder dejlig dejlige lille stor store lang kort tynd tyk bestilt bestilte købt købte købe
levering tilbage anbefale anbefaler tilfreds skuffet desværre ogsa altid aldrig bare rigtig ret
perfekt dyr billig end sa kan skal ville fik lækker blød hurtig meget
""", "hed ede_ lig _hv ige_ else øre lse rne erne ette kke øj_ æng"),
    "Norwegian": ("""
og eller men er var være vært har hadde jeg du han hun vi dere de dem meg deg seg min mitt mine din
sitt sin den det denne dette en ei et ikke ingen som at om for til fra med pa av ved under over etter
nar hvor hva hvem der her mye litt mer mest god bra gode fin fint fine pen kjole størrelse størrelsen
stoff kvalitet farge pris materiale bukse bukser jakke kape sko skjørt genser bluse skjorte passer
sitter deilig behagelig liten stor stort store lang kort tynn tykk bestilt bestilte kjøpt kjøpte
kjøpe levering tilbake anbefale anbefaler fornøyd skuffet dessverre ogsa alltid aldri bare veldig
ganske perfekt dyr billig enn sa kan skal skulle ville fikk myk rask
""", "het ette lig _hv kke øre ene_ else ngen tte_ øye sjo kje"),
    "Finnish": ("""
ja tai mutta on oli ovat olivat ole olla ollut en et ei emme eivat mina sina han me te he minun sinun
hanen tama tuo se nama ne joka jotka mika mita kun koska jos niin kuin myos vain viela jo aina
ikina todella tosi hyvin hyva hyvat huono kaunis ihana ihanat mukava liian aika vahan paljon melko
erittain mekko koko kokoa kangas laatu laadukas vari hinta materiaali housut takki kengat hame paita
neule sopii istuu pehmea iso pieni pitka lyhyt ohut paksu tilasin tilattu ostin ostaa toimitus
palautin palautus suosittelen tyytyvainen pettynyt valitettavasti nopea tuote taydellinen kaytossa
mulle itselle kuitenkin kanssa mutta hieman
""", "ssa sta lla lle lta nen ist aa_ aan een ii_ iin uu_ kk_ tt_ sti inen yy_ uks ksi vat _ei itt ään"),
    "Polish": ("""
i oraz lub ale jest sa byl byla bylo byly byc bede bedzie mam ma maja mial ja ty on ona ono my wy oni
mnie mi ciebie sie siebie moj moja moje jej jego ich ten ta to te ci tego tej tym co kto ktory ktora
ktore jak kiedy gdzie nie tak tez takze juz jeszcze tylko bardzo dosc troche duzo malo wiecej
najlepszy dobry dobra dobre dobrze ładna ładny ładne piekna piekny super w we z ze na do od dla po
przez przy nad pod o u za bez sukienka rozmiar materiał jakosc kolor cena spodnie kurtka płaszcz buty
spodnica bluzka sweter koszula pasuje lezy wygodna wygodne wygodny miekki mała mały małe duza duzy
długa długie krotka zamowiłam zamowiłem kupiłam kupiłem przesyłka dostawa zwrot polecam zadowolona
zadowolony niestety zawsze nigdy szybko wszystko zgodny zdjeciu troszke
""", "cz_ sz_ rz_ prz szy _sz czy osc iej ego emu ych owa _prz ski nie wie zie ął_ łam łem ła_"),
    "Portuguese": ("""
o a os as um uma uns umas de do da dos das em no na nos nas ao aos e ou mas eu tu ele ela nos eles
elas me te se lhe meu minha meus minhas seu sua seus suas este esta esse essa isso isto aquele que
quem como quando onde porque por pelo pela para pra com sem sobre entre ate nao sim muito muita mais
menos bem mal bom boa tudo todo toda nada ja tambem so ainda sempre nunca foi era sao e esta estava
ser ter tem tenho tinha ficou fica vestido tamanho tecido qualidade cor preco material calca camisa
casaco sapatos saia blusa camisola bonito bonita lindo linda grande pequeno pequena perfeito perfeita
adorei gostei amei recomendo confortavel macio comprido comprida curto curta apertado largo comprei
compra chegou entrega encomenda produto loja veio devolver devolucao infelizmente otimo otima
excelente satisfeita rapido outra outro vez compraria
""", "cao oes ao_ nho nha lho lha mento ado_ ada_ que _qu dade eir ou_ ei_ ção"),
    "Turkish": ("""
ve veya ama fakat bir bu su o ben sen biz siz onlar bana sana beni benim senin onun icin ile gibi
kadar daha en cok az biraz her hic degil var yok mi mu da de ki ne nasıl neden olarak oldu olan olsa
ise iyi guzel kotu kalite kaliteli kalitesi kumas kumaşı kuması elbise beden bedeni renk rengi fiyat
urun urunu pantolon ceket mont ayakkabı etek bluz kazak gomlek tam uygun rahat yumusak buyuk kucuk
dar bol uzun kısa ince kalın aldım aldim geldi siparis kargo iade ettim tavsiye ederim memnun kaldım
begendim maalesef hemen sonra once cunku hızlı tesekkurler harika mukemmel gayet
""", "lar ler yor dim dım dum mis mış lik lık iyo_ nin nın eri_ ları mak mek dir dır ım_ _ço ğı_ duk cok"),
    "Romanian": ("""
si sau dar este sunt era au am ai a fost fi eu tu el ea noi voi ei ele ma te se mi ti il o ii imi
meu mea mei mele lui lor acest aceasta acesta cel cea cei care ce cine cum cand unde de la din in pe
cu fara pentru prin peste sub nu da foarte mai putin mult multa bine rau bun buna frumos frumoasa
tot toata rochie rochia marime marimea masura material materialul calitate calitatea culoare culoarea
pret pantaloni camasa geaca pantofi fusta bluza mare mica mic lung lunga scurt scurta comanda comandat
cumparat livrare produs produsul recomand multumita multumit dezamagita dezamagit exact asa din pacate
""", "ul_ lui ea_ este rea ăm_ esc _si are_ ate_ iei ului oas tii"),
    "Czech": ("""
a i nebo ale je jsou byl byla bylo byly byt budu bude mam ma maji ja ty on ona ono my vy oni mne mi
me se si svuj muj moje jeji jeho jejich ten ta to ty toho te tim co kdo ktery ktera ktere jak kdy kde
ne ano taky take uz jeste jen velmi dost trochu hodne malo vice dobry dobra dobre hezky hezke krasne
krasna v ve z ze na do od pro po pres pri nad pod o u za bez saty velikost material kvalita barva cena
kalhoty bunda kabat boty sukne halenka svetr kosile sedi pohodlne mekke mala maly velka velke dlouhe
kratke objednala koupila doruceni vraceni doporucuji spokojena spokojeny bohuzel vzdy nikdy rychle
""", "eni_ ost ych ho_ _pr ani_ ova kou ame sti ne_ emi ick ho_ stn"),
}


def plain(word):
    return "".join(c for c in unicodedata.normalize("NFD", word.lower())
                   if unicodedata.category(c) != "Mn")


def table(kind):
    bits = {}
    for i, (words, trigrams) in enumerate(LANGUAGES.values()):
        for word in (words, trigrams)[kind].split():
            for key in plain(word).split("'") if kind == 0 else cut(plain(word)):
                bits[key] = bits.get(key, 0) | 1 << i
    bits.pop("", None)
    return sorted(bits.items(), key=lambda at: at[0].encode())


def cut(pattern):
    """A pattern of more than three letters is several trigrams, of two one at either edge."""
    pattern = pattern.replace("'", "")
    if len(pattern) < 3:
        return ["_" + pattern, pattern + "_"] if len(pattern) == 2 else []
    return [pattern[i:i + 3] for i in range(len(pattern) - 2)]


def emit(out, name, rows):
    out.write(f"\nconst tongue_entry tongue_{name}[] = {{\n")
    line = "   "
    for word, bits in rows:
        cell = f' {{"{word}", {bits}}},'
        if len(line) + len(cell) > 100:
            out.write(line + "\n")
            line = "   "
        line += cell
    out.write(f"{line}\n}};\nconst int tongue_n_{name} = {len(rows)};\n")


def main():
    with open(OUT, "w") as out:
        out.write("/* tongue_tables: common words and trigrams of languages; written by "
                  "tools/tongue.py. */\n#include \"models/language/tongue.h\"\n\n")
        names = ", ".join(f'"{name}"' for name in LANGUAGES)
        out.write("const char *const tongue_names[TONGUES] = {\n    ")
        out.write(names.replace('"Finnish"', '\n    "Finnish"').replace(", \n", ",\n") + "};\n")
        emit(out, "words", table(0))
        emit(out, "trigrams", table(1))


if __name__ == "__main__":
    main()
