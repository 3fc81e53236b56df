//! The shelves of what is done for pleasure: cooking, travelling, reading verse.

use super::Shelf;

pub const COOKING: Shelf = Shelf {
    category: "cooking",
    cents: (1499, 3499),
    titles: &[
        "{adjective} {dish}",
        "The {place} Kitchen",
        "{dish} from the {place}",
        "{number} {dish}",
        "The {adjective} {place} Cookbook",
        "{dish} and Other Comforts",
    ],
    words: &[
        (
            "dish",
            &[
                "Soups",
                "Breads",
                "Dumplings",
                "Pickles",
                "Pies",
                "Stews",
                "Noodles",
                "Puddings",
                "Salads",
                "Flatbreads",
                "Preserves",
            ],
        ),
        (
            "place",
            &[
                "Black Sea",
                "Harbour",
                "Mountain",
                "Riverbank",
                "Orchard",
                "Balcony",
                "Night Market",
                "Farmhouse",
                "Island",
                "Allotment",
            ],
        ),
        (
            "adjective",
            &["Slow", "Honest", "Smoky", "Five-Ingredient", "Winter", "Sunday", "Frugal", "Green", "One-Pot"],
        ),
        ("number", &["Fifty", "Thirty", "One Hundred", "Seventy-Seven", "Twelve Months of", "Sixty"]),
    ],
    openings: &[
        "{dish} are what we cook when nobody is watching. Here they get the attention that they deserve.",
        "The {place} kitchen wastes nothing, hurries nothing and feeds whoever turns up.",
        "A cook's notebook of twenty years: {~dish} that work on a Tuesday, with what is in the cupboard.",
        "Learn one dough, one broth and one sauce, and all {~dish} are variations on something you know.",
    ],
    middles: &[
        "Every recipe was tested by three people who do not cook for a living.",
        "Quantities in grams, times that are true, and a word on what may be left out.",
        "With menus for two, for eight, and for the day after.",
    ],
};

pub const TRAVEL: Shelf = Shelf {
    category: "travel",
    cents: (1099, 2499),
    titles: &[
        "{journey} to {place}",
        "Walking the {way}",
        "The {adjective} Road to {place}",
        "A {adjective} Summer in {place}",
        "{number} Trains to {place}",
        "Notes from the {way}",
    ],
    words: &[
        (
            "place",
            &[
                "Svalbard",
                "Tbilisi",
                "Patagonia",
                "Kyoto",
                "Zanzibar",
                "Trondheim",
                "Oaxaca",
                "the Faroes",
                "Odessa",
                "Sardinia",
                "Ladakh",
                "Valparaíso",
                "the Azores",
            ],
        ),
        (
            "journey",
            &["By Bicycle", "By Cargo Ship", "On Foot", "By Night Train", "The Long Way", "With a Donkey", "Backwards"],
        ),
        (
            "way",
            &[
                "Amber Road",
                "Salt Path",
                "Towpath",
                "Watershed",
                "Pilgrim Coast",
                "Tree Line",
                "Old Border",
                "Ridge Way",
            ],
        ),
        ("adjective", &["Slow", "Crooked", "Cold", "Wrong", "Late", "Unhurried", "Dusty", "Quiet"]),
        ("number", &["Eleven", "Thirty", "Seven", "Nineteen", "Five"]),
    ],
    openings: &[
        "The plan was to reach {place} in three weeks. Two years later the author is still unpacking what happened.",
        "No flights, no bookings and a map from before the war: a journey to {place} at the speed of conversation.",
        "The {way} is on no timetable. It is walked by shepherds, smugglers and people with something to think over.",
        "Everyone in {place} asks the same question: why did you come in November, and will you stay for soup?",
    ],
    middles: &[
        "Observant, kind and allergic to the obvious, with sketches by the author.",
        "A book about hospitality, blisters and the art of being lost.",
        "It makes you want to leave at once, and to read to the end first.",
    ],
};

pub const POETRY: Shelf = Shelf {
    category: "poetry",
    cents: (899, 1699),
    titles: &[
        "{noun} with {other}",
        "{adjective} {noun}",
        "Poems for a {adjective} {hour}",
        "What the {noun} Said",
        "{number} Ways to Leave a {place}",
        "The {place} at {hour}",
    ],
    words: &[
        (
            "noun",
            &["Rain", "Lamp", "Heron", "Orchard", "Stairwell", "River", "Window", "Tide", "Winter", "Attic", "Salt"],
        ),
        ("other", &["Strings", "Small Bells", "Open Hands", "Footnotes", "No Moon", "Apples", "Several Doors"]),
        ("adjective", &["Unsent", "Blue", "Ordinary", "Left-Handed", "Late", "Almost", "Quiet", "Northern"]),
        ("hour", &["Evening", "Daybreak", "Dusk", "Dawn", "Noon", "Midnight"]),
        ("number", &["Seven", "Thirteen", "Forty", "Two"]),
        ("place", &["House", "Harbour", "Garden", "Party", "Kitchen", "Platform"]),
    ],
    openings: &[
        "Sixty poems about the {~noun}, the {~place} and the long light of {~hour}.",
        "A first collection that listens more than it speaks, and is not afraid of a plain word.",
        "Written on trains and envelopes, these {~adjective} poems find their form where nobody looked for it.",
    ],
    middles: &[
        "They reward being read aloud, slowly, to somebody in the next room.",
        "Sonnets, lists, letters and one recipe: precise, musical and unexpectedly funny.",
        "With a short afterword on what was crossed out.",
    ],
};
