//! Names of authors and of customers, all invented.

use super::random::Random;

const FIRST: &[&str] = &[
    "Åsa", "Bertrand", "Calla", "Dominik", "Edda", "Farid", "Greta", "Hamish", "Ines", "Jorun", "Kofi", "Leonie",
    "Matteo", "Nadia", "Olu", "Petra", "Quentin", "Rosalind", "Søren", "Tilda", "Umberto", "Vera", "Wanda", "Xenia",
    "Yusuf", "Zoë", "Anselm", "Brigid", "Casimir", "Delphine", "Emeka", "Fenella", "Gunnar", "Hyacinth", "Isidro",
    "Katya", "Lucien", "Maren",
];

const LAST: &[&str] = &[
    "Halvorsen-Reed",
    "Okonjo",
    "Tremblay",
    "Vargas-Lund",
    "Lindqvist",
    "Castellane",
    "Drummore",
    "Ashgrove",
    "Petrovic",
    "O’Farrelly",
    "Quillon",
    "Nakagawa",
    "Szabó",
    "Whitlock",
    "Achterberg",
    "Bellamore",
    "D’Orsini",
    "Eriksdottir",
    "Fenwright",
    "Górska",
    "Hollander",
    "Iversen",
    "Jablonski",
    "Kestrelby",
    "Lamprecht",
    "Mbeki-Hale",
    "Norrington",
    "Özdemir",
    "Pelletier",
    "Rosenqvist",
    "Sandoval",
    "Thistlewood",
    "Underhill",
    "Vandermeer-Ito",
    "Wexcombe",
    "Yarrow",
    "Zelenka",
    "Marchbanks",
];

/// How many authors write for one shelf.
const AUTHORS_OF_A_SHELF: u32 = 16;

/// One of the authors who write for a shelf.
pub fn author(shelf: &str, random: &mut Random) -> String {
    // Most of a shelf is by a few.
    let one = random.between(1, AUTHORS_OF_A_SHELF).min(random.between(1, AUTHORS_OF_A_SHELF));
    let mut of_author = Random::of(shelf, one as usize);
    format!("{} {}", of_author.pick(FIRST), of_author.pick(LAST))
}

/// The customers.
pub const CUSTOMERS: [&str; 25] = [
    "Ada Winterbourne",
    "Bruno Castellan",
    "Clara Osei",
    "Dimitri Volkhart",
    "Elin Sorensen",
    "Fatima Benhaddou",
    "George Applewhite",
    "Hanna Kowalik",
    "Idris Mbaye",
    "Julia Steinbach",
    "Kenji Moriwaki",
    "Lena Fairweather",
    "Marek Holub",
    "Nora Gallivan",
    "Oskar Lundgren",
    "Priya Venkatesh",
    "Ruben Escalante",
    "Saskia de Wit",
    "Tobias Ehrling",
    "Una Fitzmorris",
    "Viktor Hargreave",
    "Willa Prescott-Dunn",
    "Yara Haddad",
    "Zeno Marchetti",
    "Agnes Bellweather",
];
