//! The one shelf that is not invented: works whose authors have been dead for a century.

/// Title, author, and what it is about.
pub type Classic = (&'static str, &'static str, &'static str);

pub const CATEGORY: &str = "classics";
pub const CENTS: (u32, u32) = (599, 1299);

pub const CLASSICS: &[Classic] = &[
    ("Pride and Prejudice", "Jane Austen", "Five sisters, one entail, and two people who are wrong about each other."),
    ("Moby-Dick", "Herman Melville", "A captain, a whale, and everything that is known about either."),
    ("Frankenstein", "Mary Shelley", "A student makes a man and will not be his father."),
    ("Jane Eyre", "Charlotte Brontë", "A governess with a will of her own comes to a house with a locked floor."),
    ("Wuthering Heights", "Emily Brontë", "Two houses on a moor and a love that ruins both."),
    ("Great Expectations", "Charles Dickens", "A blacksmith's boy comes into money and takes long to learn whose."),
    ("A Tale of Two Cities", "Charles Dickens", "London, Paris, a revolution, and a man who resembles another."),
    (
        "Middlemarch",
        "George Eliot",
        "A provincial town, its marriages, and the unhistoric acts that the world depends on.",
    ),
    ("Twenty Thousand Leagues Under the Seas", "Jules Verne", "A professor, a harpooner and Captain Nemo's submarine."),
    ("Around the World in Eighty Days", "Jules Verne", "A wager, a timetable, and the man who keeps to it."),
    (
        "The Count of Monte Cristo",
        "Alexandre Dumas",
        "Fourteen years in a dungeon, then the longest revenge in fiction.",
    ),
    ("The Three Musketeers", "Alexandre Dumas", "A young Gascon comes to Paris and picks three duels by noon."),
    ("Les Misérables", "Victor Hugo", "A stolen loaf, a bishop's candlesticks, and an inspector who does not forget."),
    ("Madame Bovary", "Gustave Flaubert", "A doctor's wife has read too many novels to be content with hers."),
    ("War and Peace", "Leo Tolstoy", "Five families and one invasion."),
    ("Anna Karenina", "Leo Tolstoy", "A marriage ends and another begins, and neither as expected."),
    (
        "Crime and Punishment",
        "Fyodor Dostoevsky",
        "A student believes that he is an exception. The inspector is in no hurry.",
    ),
    ("The Brothers Karamazov", "Fyodor Dostoevsky", "Three sons, one father, and the question who wished him dead."),
    ("Dead Souls", "Nikolai Gogol", "A polite stranger travels the provinces and buys peasants that no longer live."),
    ("Fathers and Sons", "Ivan Turgenev", "A student brings home a friend who believes in nothing."),
    ("Don Quixote", "Miguel de Cervantes", "A gentleman of La Mancha reads himself into a knight."),
    ("The Divine Comedy", "Dante Alighieri", "A way through three realms, with a poet for a guide."),
    ("The Odyssey", "Homer", "Ten years from Troy to Ithaca, with detours."),
    ("The Iliad", "Homer", "Fifty days of a ten-year war, and one man's anger."),
    ("Faust", "Johann Wolfgang von Goethe", "A scholar who knows everything wagers what he has left."),
    (
        "The Sorrows of Young Werther",
        "Johann Wolfgang von Goethe",
        "Letters of a young man who loves where he may not.",
    ),
    ("Effi Briest", "Theodor Fontane", "A girl of seventeen marries well. That is too wide a field."),
    (
        "Gulliver's Travels",
        "Jonathan Swift",
        "A ship's surgeon meets the small, the large, the learned and the horses.",
    ),
    ("Robinson Crusoe", "Daniel Defoe", "Twenty-eight years on an island, with an inventory."),
    ("Alice's Adventures in Wonderland", "Lewis Carroll", "A girl follows a rabbit who is late."),
    ("Treasure Island", "Robert Louis Stevenson", "A map, a parrot, and a cook who is not what he seems."),
    ("Dracula", "Bram Stoker", "Letters, diaries and a ship that arrives without a crew."),
    ("The Picture of Dorian Gray", "Oscar Wilde", "A portrait grows old in place of its sitter."),
    (
        "Adventures of Huckleberry Finn",
        "Mark Twain",
        "A boy and a runaway on a raft, and a conscience that he is told is wrong.",
    ),
    ("Little Women", "Louisa May Alcott", "Four sisters grow up in a winter without their father."),
    ("The Scarlet Letter", "Nathaniel Hawthorne", "A woman wears her sentence; a man hides his."),
    ("Walden", "Henry David Thoreau", "Two years in a hut by a pond, with accounts."),
    ("Leaves of Grass", "Walt Whitman", "One long song of everybody."),
    ("The Portrait of a Lady", "Henry James", "An heiress may do as she likes, and others know it."),
];
