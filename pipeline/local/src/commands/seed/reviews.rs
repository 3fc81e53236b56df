//! What customers say of books.

use super::random::Random;

const DELIGHTED: (&[&str], &[&str]) = (
    &[
        "I read it in one sitting and missed my stop.",
        "A gift from my sister, and now I give it to everyone.",
        "I have not enjoyed a book this much in years.",
        "The best thing on my shelf at the moment.",
        "I expected little and was wrong from the first page.",
        "My third copy: the first two were borrowed and never came back.",
        "Read aloud to the whole family, who asked for more.",
    ],
    &[
        "The last chapter alone is worth the price.",
        "Wonderfully made, too: good paper, and it lies flat.",
        "I have already ordered another by the same author.",
        "Warm, clever and never too pleased with itself.",
        "I keep thinking about it while doing the dishes.",
        "You will want to begin again as soon as you are done.",
    ],
);

const CONTENT: (&[&str], &[&str]) = (
    &[
        "A slow beginning, but then I could not put it down.",
        "Very good, if a little longer than it needs to be.",
        "Does exactly what the description promises.",
        "Not the author’s best, which still makes it better than most.",
        "A pleasant surprise for a rainy weekend.",
    ],
    &[
        "I would have liked an index.",
        "The middle part is outstanding.",
        "Recommended, with a cup of tea.",
        "It arrived quickly and without a dent.",
        "I marked more pages than I thought I would.",
    ],
);

const UNDECIDED: (&[&str], &[&str]) = (
    &[
        "Some chapters are lovely and some I skipped.",
        "Good ideas that deserved another round of editing.",
        "I wanted to like it more than I did.",
        "Fine for the train.",
    ],
    &[
        "Perhaps I was not in the mood for it.",
        "My reading group was split down the middle.",
        "I may give it another try in winter.",
        "The cover is the best part, and it is a very good cover.",
    ],
);

const DISAPPOINTED: (&[&str], &[&str]) = (
    &[
        "I gave up after a hundred pages.",
        "Not for me, I am afraid.",
        "I guessed where it was going by the second chapter.",
        "Too clever by half.",
    ],
    &[
        "The print is very small.",
        "My neighbour loves it, so she has it now.",
        "One star for the bookmark that came with it.",
        "I had hoped for more.",
    ],
);

/// A rating of a book, which leans the same way for all its readers.
pub fn rating(book: usize, random: &mut Random) -> u8 {
    match Random::of("quality", book).between(1, 10) {
        1..=5 => random.pick(&[5, 5, 5, 4, 4, 4, 3]),
        6..=9 => random.pick(&[5, 4, 4, 4, 3, 3, 2]),
        _ => random.pick(&[5, 4, 3, 2, 2, 1, 1]),
    }
}

/// Words that go with a rating.
pub fn text(rating: u8, random: &mut Random) -> String {
    let (first, second) = match rating {
        5 => DELIGHTED,
        4 => CONTENT,
        3 => UNDECIDED,
        _ => DISAPPOINTED,
    };
    if random.chance(30) {
        random.pick(first).to_owned()
    } else {
        format!("{} {}", random.pick(first), random.pick(second))
    }
}
