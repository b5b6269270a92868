/* aspects_names: the lexicon's names: aspects, parts of articles, garments, shades. */
#include "models/language/aspects_parts.h"

#define NAME(aspect, words)    {KIND_NAME, ASPECT_##aspect, 0, ASPECTS_NO_WAY, words}
#define PART(aspect, words)    {KIND_PART, ASPECT_##aspect, 0, ASPECTS_NO_WAY, words}
#define PLAIN(kind, words)     {KIND_##kind, ASPECT_NONE, 0, ASPECTS_NO_WAY, words}

const aspects_row aspects_rows_names[] = {
    PART(FIT, "cut|silhouette|tailoring"),
    PLAIN(FIT, "fit"),
    PLAIN(FITS, "fits|fitted me|fitted her|fitted him|fit me|fit her|fit him|fit them|fit us|"
                "fit my|fits my|it fit|they fit|both fit|still fit|still fits|all fit|these fit|"
                "this fit"),
    PART(SIZE, "size|sizes|sizing|size chart|size charts|size guide|sizing chart|sizing guide|"
               "measurements|size range"),
    NAME(LENGTH, "length|lengths|sleeve length|arm length|leg length|inseam|inside leg|hemline|"
                 "hem length"),
    PART(LENGTH, "sleeve|sleeves|hem|hems|legs|chain|arms|strap length|train|heel height|drop"),
    NAME(FABRIC, "fabric|fabrics|material|materials|textile|cloth|knit fabric|fibre|fiber|"
                 "texture"),
    PART(FABRIC, "thickness|weave|sheen|feel|stretch|elasticity|weight|softness|warmth|padding|"
                 "knit|yarn"),
    NAME(FABRIC, "cotton|linen|wool|cashmere|silk|satin|velvet|denim|leather|suede|polyester|"
                 "viscose|rayon|nylon|lace|chiffon|jersey|fleece|merino|mohair|alpaca|corduroy|"
                 "tweed|modal|lyocell|acrylic|spandex|elastane|lycra|crepe|twill|canvas|"
                 "flannel|organza|tulle|faux fur|fur|faux leather|sweater material"),
    NAME(COLOUR, "colour|colours|color|colors|colouring|coloring|shade|shades|hue|hues|tone|tones|"
                 "tint|dye|print|prints|pattern|patterns|colorway|colourway|stripe|stripes|florals|"
                 "dark wash|light wash|medium wash|black wash|blue wash|denim wash|this wash|"
                 "wash is|lighter wash|darker wash|distressed wash|acid wash|stone wash|"
                 "polka dots|plaid|gingham|motif|ombre|animal print|leopard print|floral print"),
    NAME(QUALITY, "quality|workmanship|craftsmanship|construction|durability|build quality"),
    PART(QUALITY, "stitching|finish|finishing|made|manufacture|sewing|tailored|executed|execution"),
    PART(QUALITY, "stitch|edges|loops|belt loops|zip|zips|zipper|zippers|seam|seams|stitches|"
                  "button|buttons|clasp|clasps|buckle|"
                  "buckles|hook|hooks|snap|snaps|popper|poppers|elastic|hardware|sole|soles|"
                  "insole|velcro|thread|threads|lining seam|rivets|beading|beads|sequins|"
                  "underwire|eyelets|drawstring|buttonholes|button holes|plating|stone|stones|"
                  "pendant|glue|closure|fastening|fastener"),
    NAME(PRICE, "price|prices|price tag|price point|pricing"),
    PART(PRICE, "cost|costs|value|the money|the cost|bang for the buck|bang for your buck"),
    NAME(COMFORT, "comfort|comfort level"),
    PART(COMFORT, "support|arch support|cushioning|to walk in"),
    NAME(STYLE, "style|styles|styling|design|designs"),
    PART(STYLE, "look|looks|the looks|detail|details|detailing|"
                "embroidery|appearance|aesthetic|shape and style|embellishment|embellishments|"
                "slit|slits|ribbon|ruching|pleating|lacework|ruffle|ruffles|bow|pleats|fringe|"
                "tassels|trim|design details|pocket|pockets|"
                "compartments|cutouts|cut outs|draping"),
    NAME(SHEERNESS, "sheerness|transparency|opacity|coverage"),
    PART(SHEERNESS, "lining|liner|underlay|underlayer"),
    PART(CARE, "care instructions|care label|washing instructions|upkeep|maintenance"),
    PLAIN(WASH, "wash|washed|washes|washing|washer|laundered|laundry|washing machine|dryer|"
                "the machine|tumble dry|tumble dried|tumble dryer|machine wash|machine washed|"
                "hand wash|hand washed|dry cleaned|dry cleaning|iron|ironed|ironing|spin cycle"),
    NAME(DELIVERY, "delivery|shipping|shipment|postage|packaging|courier|customer service|"
                   "customer care|customer support|return process|return policy|returns policy|"
                   "returns process|delivery time|delivery man|delivery driver"),
    PART(DELIVERY, "packing|parcel|package|refund|refunds|refunded|return label|returning it|"
                   "returning them|returning|returns|exchange|exchange process|dispatch|seller|"
                   "mailman|postman|service|tracking|support team|staff|carrier"),
    PART(FIT, "waist|waistline|waistband|waist band|hip|hips|bust|bustline|chest|shoulder|"
              "shoulders|thigh|thighs|calf|calves|tummy|stomach|belly|torso|bodice|neck|neckline|"
              "neck line|neckhole|armhole|armholes|arm holes|arm hole|armpit|armpits|crotch|rise|"
              "seat|bum|butt|rear|behind|cup|cups|band|toe box|ankle|ankles|upper arms|upper arm|"
              "forearms|biceps|cuffs|collar|yoke|ribcage|rib cage|ribs|boobs|breasts|cleavage|"
              "width|proportions|leg opening|leg openings|arm openings|arm opening|cuff|"
              "midsection|middle|sides|instep|front|at the back|in the back|the back|my back|"
              "strap|straps|shoulder straps|heel|toe|toes|feet|foot|curves|figure|frame|"
              "body|the top|hood|bottoms|shape|brim|dart|darts|legs|leg|elbow|elbows|wrist|wrists|"
              "head|knee|knees|abdomen|high waist|backside"),
    PLAIN(GARMENT, "dress|dresses|top|tops|shirt|shirts|t-shirt|tee|tees|blouse|blouses|sweater|"
                   "sweaters|jumper|jumpers|cardigan|cardigans|coat|coats|jacket|jackets|blazer|"
                   "blazers|skirt|skirts|jeans|trousers|pants|leggings|shorts|jumpsuit|romper|"
                   "dungarees|overalls|hoodie|hoody|sweatshirt|vest|tank|tunic|kimono|poncho|suit|"
                   "swimsuit|bikini|swimwear|one piece|bra|bras|knickers|panties|underwear|"
                   "lingerie|nightgown|pyjamas|pajamas|pjs|robe|socks|tights|stockings|shoe|shoes|"
                   "boot|boots|booties|sandal|sandals|sneakers|trainers|pumps|loafers|flats|"
                   "slippers|bag|bags|handbag|purse|backpack|wallet|clutch|tote|belt|belts|hat|"
                   "cap|beanie|scarf|scarves|gloves|mittens|necklace|earrings|ring|bracelet|"
                   "jewelry|jewellery|watch|outfit|piece|garment|item|pair|gown|polo|henley|"
                   "turtleneck|pullover|capris|culottes|joggers|sweatpants|product|one|ones|cami|"
                   "camisole|bodysuit|babygrow|onesie|parka|raincoat|anorak|fleece jacket|"
                   "knitwear|sweats|jean|pant|legging|jumpsuits|tunics|rompers|tshirt|slacks|"
                   "chinos|"
                   "cords|cardi|flip flops|wedges|swimsuits|coverup|cover up"),
    PLAIN(SHADE, "red|blue|green|yellow|orange|pink|purple|black|white|grey|gray|brown|beige|navy|"
                 "teal|turquoise|coral|burgundy|maroon|ivory|cream|tan|olive|mustard|lavender|"
                 "lilac|khaki|rust|mint|gold|silver|charcoal|taupe|camel|peach|fuchsia|magenta|"
                 "salmon|emerald|cobalt|apricot|ochre|terracotta|scarlet|crimson|violet|ecru|"
                 "off white|"
                 "aubergine|bronze|copper|cerise|azure|sage|"
                 "aqua|indigo|wine|plum|blush|rose|mauve|neon|chambray"),
    {0},
};
