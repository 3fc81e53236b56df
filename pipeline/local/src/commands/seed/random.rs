//! Chance that falls the same way each time.

/// SplitMix64. Written out because a second run recognises the books of the first by their titles: a library's generator may
/// draw other numbers in its next version.
pub struct Random(u64);

impl Random {
    /// The numbers that belong to the `index`th thing of a kind.
    pub fn of(kind: &str, index: usize) -> Self {
        let kind = kind
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut random = Self(kind ^ (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high - low) + 1;
        // Less than the span, which fits.
        low + (self.next() % span) as u32
    }

    /// Whether something happens that does so in `percent` of all cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.between(1, 100) <= percent
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        let last = u32::try_from(items.len()).expect("lists here are short") - 1;
        items[self.between(0, last) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_draws_the_same_numbers_and_others_draw_others() {
        let draw = |kind, index| {
            let mut random = Random::of(kind, index);
            [(); 8].map(|()| random.between(1, 1000))
        };
        assert_eq!(draw("book", 7), draw("book", 7));
        assert_ne!(draw("book", 7), draw("book", 8));
        assert_ne!(draw("book", 7), draw("review", 7));
        assert!(draw("book", 7).iter().all(|number| (1..=1000).contains(number)));
    }

    #[test]
    fn everything_of_a_list_is_picked_sooner_or_later() {
        let mut random = Random::of("list", 0);
        let picked: std::collections::BTreeSet<_> = (0..100).map(|_| random.pick(&[1, 2, 3])).collect();
        assert_eq!(picked.len(), 3);
    }
}
