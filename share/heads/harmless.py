#!/usr/bin/env python3
"""harmless: writes harmless.csv: things said of clothes with words that insults have too.

Usage: python3 share/heads/harmless.py > harmless.csv    (share/heads/toxicity.sh does it)
"""
PHRASES = """
killer heels|a killer dress|this sick fit|a sick pair of jeans|a hot mess of a seam|the bomb|
a drop dead gorgeous gown|damn good jeans|damn fine tailoring|hell of a good coat|a badass jacket|
badass boots|kick-ass boots|nude pumps|the nude lining|the nude colour|a tight fit at the bust|
a full bust|my big bust|the bust darts|room for my boobs|my boobs look great in it|great on my butt|
flattering on my ass|my butt looks amazing|makes my ass look great|a sexy neckline|a sexy little dress|
a slutty red lipstick to match|the crotch seam|a short crotch|crotch that sags|the bottom hem|
a crappy zipper|the zipper sucks|the fabric sucks|crap quality|this stupid zipper|a stupid price|
stupidly soft wool|crazy soft fleece|insanely comfortable shoes|an idiot proof wrap|ugly stitching|
an ugly print|an ugly colour|trashy lace|garbage material|cheap trash, returned|the old hag sweater look|
a bitch to iron|a pain in the ass to wash|a pain in the butt to button|black jeans|a white trash bag for a bag|
a yellow dress|a brown coat|monkey print pyjamas|the monkey shirt for my son|a gorilla print tee|
a bird print|a pussycat bow blouse|a pussy bow blouse|a cock feather trim|
a queer pride shirt|gay pride socks|the gay couple who run the shop|a Jewish wedding|
a Muslim headscarf|a modest dress for the mosque|a hoe print on gardening gloves|ho ho ho christmas jumper|
skeleton leggings for halloween|the dead straight seam|dying to wear it|
to die for|shot my budget|a bomber jacket|camo that kills it|killed it at the party|a shooting star print|
slim fit|fat straps|a fat belt|skinny jeans|for skinny girls|for fat arms|
wife beater tank|a beater shirt for the garden|a gangsta style hoodie|a ghetto blaster print|
a redneck flannel|a cracker jack print|
a nip at the waist|the nipple shows through|see-through, you can see my bra|no bra needed|
a bloody lovely colour|bloody expensive|freaking adorable|effing soft|hella cute|a savage deal|
a weird smell|it smells like shit so I washed it|shit quality for the price|holy shit it is soft|
no shit, the best jeans|what the hell is this colour|hell yes|oh my god so soft
"""
FRAMES = """
Love it: {}!|I bought it for {}.|Honestly {}, and I wear it all the time.|{}. Fits true to size.|
My husband said: {}.|Not what I expected, {}.|Five stars for {}|{} - I would order again.
"""


def parts(text):
    return [one.strip() for one in text.replace("\n", "").split("|") if one.strip()]


print("text")
for i, phrase in enumerate(parts(PHRASES)):
    for k, frame in enumerate(parts(FRAMES)):
        if (i + k) % 2 == 0:
            print('"' + frame.format(phrase).replace('"', "'") + '"')
