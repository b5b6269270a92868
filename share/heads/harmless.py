#!/usr/bin/env python3
"""harmless: writes harmless.csv: things said of clothes with words that insults have too.

Usage: python3 share/heads/harmless.py > harmless.csv    (share/heads/toxicity.sh does it)
Colours and wearers are said with every garment, since insults say them too. HIDDEN holds names of garments, trimmings and prints with a word that is also an abuse; they are
written in rot13, so that nobody has to read them here.
"""
import codecs

PHRASES = """
killer heels|a killer dress|this sick fit|a sick pair of jeans|a hot mess of a seam|the bomb|
a drop dead gorgeous gown|damn good jeans|damn fine tailoring|hell of a good coat|a badass jacket|
badass boots|kick-ass boots|nude pumps|the nude lining|the nude colour|a tight fit at the bust|
a full bust|my big bust|the bust darts|room for my chest|great on my butt|my rear looks good in it|
flattering on my behind|my butt looks amazing|a sexy neckline|a sexy little dress|
the crotch seam|a short crotch|a crotch that sags|the bottom hem|a nip at the waist|
a crappy zipper|the zipper sucks|the fabric sucks|crap quality|this stupid zipper|a stupid price|
stupidly soft wool|crazy soft fleece|insanely comfortable shoes|an idiot proof wrap|ugly stitching|
an ugly print|an ugly colour|tacky lace|garbage material|cheap trash, returned|the old lady look|
a pain in the ass to wash|a pain in the butt to button|black jeans|black girls look great in it|
a yellow dress|a brown coat|a white dress|monkey print pyjamas|the monkey shirt for my son|
a gorilla print tee|a bird print|a pussycat bow blouse|ho ho ho on a christmas jumper|
gay pride socks|the gay couple who run the shop|a lesbian wedding|a trans pride pin|
a Jewish wedding|a Muslim headscarf|a modest dress for the mosque|my disabled sister wears it|
skeleton leggings for halloween|the dead straight seam|dying to wear it|
to die for|shot my budget|a bomber jacket|camo that kills it|killed it at the party|
a shooting star print|slim fit|fat straps|a fat belt|skinny jeans|for skinny girls|for fat arms|
I look fat in it|a beater shirt for the garden|a cracker jack print|
see-through, you can see my bra|no bra needed|a weird smell|it smells bad so I washed it|
a bloody lovely colour|bloody expensive|freaking adorable|effing soft|hella cute|a savage deal|
what the hell is this colour|hell yes|oh my god so soft|holy cow it is soft
"""
HIDDEN = """
n chffl obj oybhfr|gur chffl-obj arpx|n pbpx srngure gevz|n ubr cevag ba tneqravat tybirf|
n jvsr orngre gnax|n dhrre cevqr fuveg|n qlxr znepu gvpxrg|n avccyr pbire|gur avccyr fubjf guebhtu|
n ovgpu gb veba|fuvg dhnyvgl sbe gur cevpr|ubyl fuvg vg vf fbsg|ab fuvg, gur orfg wrnaf|
ebbz sbe zl obbof|zl obbof ybbx terng va vg|n fyhggl erq yvcfgvpx gb zngpu|znxrf zl nff ybbx terng
"""
COLOURS = """
white|black|yellow|brown|red|pink|blue|green|grey|nude|off-white|ivory|cream|tan|dark|pale
"""
WEARERS = """
women|a woman|girls|a girl|ladies|men|boys|a boy|kids|moms|a mother|my wife|my sister|my daughter|
Asian girls|black women|white women|Mexican women|Muslim women|Jewish women|gay men|old women|
big girls|fat women|short women|skinny girls|pregnant women|plus size women|teens|everyone
"""
GARMENTS = """
dress|shirt|jeans|skirt|coat|shoes|sweater|top|trousers|blouse|jacket|lining
"""
FRAMES = """
Love it: {}!|I bought it for {}.|Honestly {}, and I wear it all the time.|{}. Fits true to size.|
My husband said: {}.|Not what I expected, {}.|Five stars for {}|{} - I would order again.
"""


def parts(text):
    return [one.strip() for one in text.replace("\n", "").split("|") if one.strip()]


def crossed():
    garments = parts(GARMENTS)
    for i, colour in enumerate(parts(COLOURS)):
        for garment in garments:
            yield f"the {colour} {garment}"
        yield f"the {colour} is not as {colour} as in the photos"
        yield f"such a beautiful shade of {colour}"
        yield f"{colour} suits me"
        yield f"it comes in {colour} and in {parts(COLOURS)[i - 1]}"
    for i, wearer in enumerate(parts(WEARERS)):
        yield f"the {garments[i % len(garments)]} is made for {wearer}"
        yield f"{wearer} will like this {garments[(i + 5) % len(garments)]}"


print("text")
everything = parts(PHRASES) + parts(codecs.decode(HIDDEN, "rot13")) + list(crossed())
for i, phrase in enumerate(everything):
    for k, frame in enumerate(parts(FRAMES)):
        if (i + k) % 2 == 0:
            print('"' + frame.format(phrase).replace('"', "'") + '"')
