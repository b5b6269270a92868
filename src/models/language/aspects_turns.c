/* aspects_turns: the lexicon's opinions, and words that turn or part them: negation, too, but. */
#include "models/language/aspects_parts.h"

#define PLAIN(kind, words)    {KIND_##kind, ASPECT_NONE, 0, ASPECTS_NO_WAY, words}
#define OPINION(sign, words)  {KIND_OPINION, ASPECT_NONE, sign, ASPECTS_NO_WAY, words}
#define LOOKS(sign, words)    {KIND_LOOKS, ASPECT_STYLE, sign, ASPECTS_NO_WAY, words}

const aspects_row aspects_rows_turns[] = {
    OPINION(1, "exactly the|exactly what|sorted|good|great|greatest|excellent|perfect|perfectly|"
               "amazing|awesome|fantastic|"
               "perfection|wonderful|wonderfully|fabulous|superb|brilliant|lovely|nice|nicer|"
               "nicest|nicely|"
               "incredible|outstanding|exceptional|impressive|impressed|ideal|better|best|well|"
               "pleasant|pleasing|pleased|delightful|delighted|happy|thrilled|satisfied|love|"
               "loved|loves|loving|adore|adored|adores|enjoy|enjoyed|divine|heavenly|"
               "flawless|flawlessly|spot on|on point|just right|right|correct|accurate|fine|decent|"
               "terrific|favorite|favourite|fab|phenomenal|magnificent|exquisite|superior|sublime|"
               "as expected|as described|as shown|exceeded|no complaints|"
               "no complaint|no issues|no issue|no problem|no problems|nothing wrong|"
               "can't fault|cannot fault|couldn't fault|could not fault|faultless|can't complain|"
               "cannot complain|could not be better|couldn't be better|couldn't be happier|"
               "can't go wrong|can't say enough|not bad|never had such|never been so|"
               "never had a better|never found better|a dream|dream|dreamy|godsend|joy|hooray|"
               "beautifully|great job|recommend|recommended|friendly|helpful|kind|quick|"
               "fast|prompt|easy|speedy|efficient|fair|hassle free|a breeze|genius|clever|"
               "cool|works well|works|glad|appreciate|pleasantly surprised|blown away|"
               "in love with|crazy about|big fan|fan of|obsessed|win|winner|top notch|first class|"
               "5 stars|five stars|second to none|generous|secure|secured|beyond|special|"
               "neat|nothing to complain|"
               "adjustable|never had"),
    OPINION(-1, "nowhere near|not up to|below standard|gone downhill|gone down|does not match|"
                "doesn't match|do not match|don't match|bad|poor|poorly|terrible|terribly|awful|"
                "horrible|horrid|horrendous|dreadful|"
                "disappointing|disappointed|disappointment|disappoints|disappoint|bummer|bummed|"
                "beware|worst|worse|inferior|"
                "hate|hated|hates|dislike|disliked|useless|off|wrong|incorrect|odd|oddly|"
                "unacceptable|ridiculous|ridiculously|lousy|mediocre|meh|crap|crappy|rubbish|"
                "garbage|trash|atrocious|appalling|shocking|shame|pity|unfortunate|"
                "problem|problems|issue|issues|complaint|complaints|downside|downfall|drawback|"
                "lacking|lacks|lack of|not so much|not impressed|not thrilled|not a fan|"
                "not crazy about|let down|letdown|fail|failed|failure|nightmare|joke|slow|"
                "rude|unhelpful|late|disgusting|nasty|gross|subpar|sub par|ruined|ruins|"
                "not what i expected|less than|unhappy|annoying|annoyed|frustrating|frustrated|"
                "upset|pathetic|insane|inaccurate|misleading|unreliable|weak|one star|"
                "two stars|2 stars|1 star|zero stars|deal breaker|dealbreaker|hassle|pain to|"
                "over the top|overkill|could be better|could have been better|"
                "is a pain|a real pain|such a pain|a pain in|"
                "leaves a lot to be desired|left a lot to be desired|not great|not good|"
                "missing|mess|cheap|cheaper|questionable|not right|not my|excessive|"
                "expected more|expected better|had higher hopes|hideous|floppy|shallow"),
    LOOKS(1, "beautiful|gorgeous|pretty|prettier|prettiest|cute|cuter|cutest|adorable|stunning|"
             "lovely looking|attractive|nice looking|good looking|sweet|darling|"
             "sparkle|sparkles|sparkly|breathtaking|charming|delicate|handsome|striking|"
             "dainty|glamorous|fancy|sharp"),
    LOOKS(-1, "unattractive|ugly|hideous|horrid looking|awful looking"),
    PLAIN(LIKE, "like|likes|liked"),
    PLAIN(NOT, "not|no|never|nothing|none|cannot|without|neither|hardly|barely|scarcely|isnt|dont|"
               "doesnt|didnt|wasnt|cant|couldnt|wont|wouldnt|arent|werent|havent|hasnt|aint|"
               "rarely|nobody|nowhere|lacks any|far from|anything but|no longer|"
               "prevents|free of|free from"),
    PLAIN(TOO, "strangely|oddly|weirdly|awkwardly|unusually|too|overly|way too|far too|much too|"
               "a bit too|a little too|excessively|"
               "bit on the|little on the|tad on the|slightly on the|somewhat on the|rather on the"),
    PLAIN(DEGREE, "relatively|literally|seriously|ultra|significantly|noticeably|very|really|so|"
                  "quite|rather|extremely|super|incredibly|absolutely|totally|truly|"
                  "definitely|actually|just|pretty much|surprisingly|unbelievably|insanely|"
                  "remarkably|particularly|especially|fairly|somewhat|slightly|a bit|a little|bit|"
                  "little|tad|a tad|touch|also|even|still|all|both|more|most|much|such|way|far|"
                  "ever|soo|terribly long|mostly|completely|entirely|exceptionally|amazingly|"
                  "extra|kinda|kind of|sort of|as|too|always|only|almost|overall|honestly|"
                  "simply|certainly|probably|that"),
    PLAIN(ENOUGH, "enough"),
    PLAIN(THAN, "than"),
    PLAIN(WISH, "wish|wished|would have liked|would have preferred|would prefer|would've liked|"
                "would like it|if only|if it were|if it was|if they were|if it had|could be|"
                "could have been|could've been|could do with|could use|should be|should have been|"
                "would be perfect with|would be better|would be nicer|would be perfect if|"
                "would have been better|would be great if|would have been nicer|would've been|"
                "would have been perfect|only complaint|only downside|only issue|only problem|"
                "only negative|one complaint|only thing i would change|only thing i'd change|"
                "only thing i don't|only gripe|only drawback|only con|one downside|one issue|"
                "one problem|was hoping for|had hoped for|i'd hoped|hoped for|hoping for|"
                "i was expecting|expecting|expected|cons|as i hoped|as i had hoped|would help"),
    PLAIN(WORRY, "worried|was worried|afraid|was afraid|feared|fear|concerned|nervous|"
                 "was sceptical|skeptical|hesitant|thought it would be|thought they would be|"
                 "thought it might be|thought it'd be|reviews said|reviewers said|"
                 "other reviewers|other reviews|some reviews|reviews say|reviewers say|"
                 "other people said|reviewer said|despite|despite the|in spite of|was expecting"),
    {KIND_BUT, ASPECT_NONE, -1, ASPECTS_NO_WAY,
     "except|except for|except that|apart from|aside from|other than|shame about|pity about"},
    PLAIN(BUT, "but|however|although|though|even though|whereas|while|yet|nevertheless|"
               "nonetheless|unfortunately|sadly|alas|"
               "on the other hand|otherwise|still though|then again|albeit|tho"),
    PLAIN(AND, "and|plus|which|who|where|then"),
    PLAIN(OR, "or|nor"),
    PLAIN(BECAUSE, "because|since|so that|until|when|if|as soon as|that is why|cause|cos|unless|"
                   "after|due to|given|so i|once"),
    PLAIN(USUAL, "usual size|usual sizes|normal size|regular size|normal sizes|my size|true size|"
                 "typical size|usual medium|usual small|usual large|usual xs|usual xl|usual s|"
                 "usual m|usual l|normally a|usually a|typically a|generally a|"
                 "normally wear|usually wear|typically wear|normally take|usually take|"
                 "typically take|always wear a|always a|normally am|normally takes|usually takes|"
                 "normally wears|usually wears|usual|i'm a size|i am a size|i wear a size|"
                 "i wear a|my normal|my regular|normally an|usually an|ordered my"),
    PLAIN(NEED, "needed|need|needs|had to get|had to go|had to take|had to order|had to buy|"
                "had to exchange|ended up with|ended up getting|exchanged|exchange|exchanging|"
                "should have got|should have ordered|should have gotten|went with|went for"),
    PLAIN(BE, "is|are|was|were|be|been|being|it's|that's|they're|its|feels|feel|felt|looks|"
              "looked|seems|seem|seemed|runs|run|ran|came|comes|gets|got|turned out|"
              "stays|stayed|am|i'm|appears|hangs|has|have|had|hits|hit|"
              "ended up|proved|became|becomes"),
    /* like means nothing here, and other set phrases */
    PLAIN(NOTHING, "cute on the hanger|pretty on the hanger|lovely on the hanger|"
                   "nice on the hanger|good on the hanger|looks good on the hanger|"
                   "looks great on the hanger|looks good on the model|looks great on the model|"
                   "looked good on the model|looked great on the model|cute on the model|"
                   "good on the model|great on the model|lovely on the model|looks cute online|"
                   "looked cute online|looked good online|looked great online|cute online|"
                   "both sizes|different sizes|other sizes|all sizes|broken in|"
                   "worth every wear|worth wearing|even on sale|even at the sale price|"
                   "even at sale price|well into|worth the wait|every colour|every color|"
                   "other colours|other colors|other colour|other color|more colours|more colors|"
                   "another colour|another color|every shade|different colours|different colors|"
                   "in two colors|in two colours|two colours|two colors|both colors|both colours|"
                   "several colors|all the colours|all the colors|thin person|thin legs|thin arms|"
                   "too thin for me|good on everyone|my own fault|look like|looks like a|"
                   "looks like|looking like|feel like|feels like|felt like|"
                   "feel like a|would like|i'd like|just like|seems like|something like|like this|"
                   "like that|like these|"
                   "never received so many|never received as many|never received more|"
                   "not believe how|can't believe how|couldn't believe how|cannot believe how|"
                   "summer long|winter long|season long|year long|night long|long run|"
                   "long story short|long time|a long time|so long ago|as long as|"
                   "long day|"
                   "long way|long ago|all day|keep fit|get fit|stay fit|fit for|fit in|"
                   "see fit|fit into|soft spot|short notice|short note|short of time|in short|"
                   "short time|warm welcome|light of|in light of|high hopes|by far|so far|"
                   "hard to find|hard to tell|hard time|send it back|sent it back|sending it back|"
                   "send them back|sent them back|sending them back|sending back|sent back|"
                   "send back|went back|going back|go back|goes back|came back|come back|"
                   "back it went|back they went|straight back|took it back|took them back|"
                   "take it back|get back|get my money back|money back|return it|return them|"
                   "returned it|returned them|had to return|to return|returned|i returned|"
                   "am returning|i'm returning|is going back|are going back|will be returning|"
                   "cut off|last year|last week|last month|last night|last time|last summer|"
                   "last winter|the last one|last one|last minute|at last|last few|last two|"
                   "in the market|at first|for the first time|"
                   "great grandmother|good luck|good morning|well known|as well|as well as|"
                   "well worth|"
                   "may well|right now|right away|right after|all right|right before|best friend|"
                   "best buy|had a small|a small part|small business|size doesn't matter|"
                   "big day|big deal|big fan of|not a big deal|large part|short girls|short girl|"
                   "short people|short women|short frame|short side|short torso|long torso|"
                   "long legs|long arms|long bodied|"
                   "tall girls|on the one hand|first hand|second hand|by the way|no wonder|"
                   "no matter|no doubt|no idea|no way|no one|not only|not just|never mind|"
                   "not sure|not to mention|no reason|no time|no regrets|"
                   "price match|the price of|love to|loved to|would love|i'd love|"
                   "in love|made of|made from|made out of|made in|made me|makes me|made the|"
                   "made up|made it|made a|make it|make sure|make a|make them|make up|make me|"
                   "worth mentioning|worth noting|look forward|looking forward|look for|"
                   "looking for|looked for|looked at|look at|take a look|look out|look up|"
                   "look after|quality time|heavy rain|heavy duty boots|light rain|"
                   "light jacket|light blue|light green|light grey|light gray|light pink|"
                   "light brown|light orange|light purple|dark blue|rough day|off to|take off|"
                   "took off|on and off|day off|off the|off my|off of|off a|well off|cool weather|"
                   "cold weather|warm weather|hot weather|hot summer|hot day|hot days|"
                   "warm day|warm days|warmer weather|cooler weather|warmer months|"
                   "warm climate|cold days|pretty much|kind of thing|"
                   "care about|care for|i don't care|don't care|service station|"
                   "in the back of|back to|back in|back and forth|back at|back up|back home|"
                   "ended up with|stays with|in front of|the front door|head over|"
                   "leg of|foot in|on foot|band practice|figure out|figured out|"
                   "that said|having said that|with that said|like i said|"
                   "is worth a try|shipped to store|body wash|body lotion|"
                   "size a|a size 6|a size 8|a size 10|a size 12|size 0|size 2|size 4|size 6|"
                   "size 8|size 10|size 12|size 14|size 16|size 18|size s|size m|size l|size xl|"
                   "size xs|size small|size medium|size large|a small|a medium|a large|an xs|"
                   "an xl|in small|in medium|in large|"
                   "in a small|in a medium|in a large|small in|a size small|a size medium|"
                   "wearing a size|extra small|extra large|x large|x small|"
                   "large bust|large chest|small bust|small chest|big bust|big boobs|"
                   "small waist|broad shoulders|wide feet|narrow feet|wide hips|wide shoulders|"
                   "tall and thin|i'm thin|i am thin|small frame|small boned|"
                   "my favourite|my favorite|new favourite|new favorite"),
    /* spellings: the word meant first */
    PLAIN(ALIAS, "quality|qualty|quailty|qualitiy|quality's"),
    PLAIN(ALIAS, "material|materail|matieral|meterial|materiel"),
    PLAIN(ALIAS, "fabric|fabirc|fabrik|fabic|farbic"),
    PLAIN(ALIAS, "comfortable|confortable|comfertable|comfortble|comftable|comfortabel|comforable"),
    PLAIN(ALIAS, "beautiful|beatiful|beutiful|beautifull|beautful|beautifuly"),
    PLAIN(ALIAS, "definitely|definately|definatly|definetly"),
    PLAIN(ALIAS, "love|luv|lov|lurve"),
    PLAIN(ALIAS, "received|recieved|recived"),
    PLAIN(ALIAS, "length|lenght|lengh|legnth"),
    PLAIN(ALIAS, "colour|colur|coulour"),
    PLAIN(ALIAS, "gorgeous|gorgous|georgous|gorgeus"),
    PLAIN(ALIAS, "sleeves|sleaves|sleves"),
    PLAIN(ALIAS, "expensive|expencive|expensiv"),
    PLAIN(ALIAS, "delivery|delivary|delievery"),
    PLAIN(ALIAS, "disappointed|dissapointed|disapointed|dissappointed"),
    PLAIN(ALIAS, "disappointing|dissapointing|disapointing"),
    PLAIN(ALIAS, "perfect|perfct|prefect|pefect"),
    PLAIN(ALIAS, "perfectly|perfectley|perfecly"),
    PLAIN(ALIAS, "excellent|excelent|exellent"),
    PLAIN(ALIAS, "uncomfortable|unconfortable|uncomfortble|uncomftable"),
    PLAIN(ALIAS, "shoulders|sholders|shoulers"),
    PLAIN(ALIAS, "stretchy|strechy|stretchie"),
    PLAIN(ALIAS, "stretch|strech"),
    PLAIN(ALIAS, "flattering|flatering|flaterring"),
    PLAIN(ALIAS, "zipper|ziper"),
    PLAIN(ALIAS, "compliments|complements on|complimemts"),
    PLAIN(ALIAS, "stitching|stiching"),
    PLAIN(ALIAS, "really|realy|rly"),
    PLAIN(ALIAS, "price|pirce"),
    PLAIN(ALIAS, "returned|retured"),
    PLAIN(ALIAS, "lose|loose its"),
    PLAIN(ALIAS, "terrible|terible"),
    {0},
};
