//! Random numbers that are the same on every machine and for ever: `SplitMix64`, written out here, since a library may
//! change its streams.

/// A stream of numbers.
#[derive(Clone)]
pub struct Random(u64);

/// What the state grows by from one number to the next: the golden ratio's fraction, made odd.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Makes any two states unlike, also those that differ in one bit. No two states give the same.
pub const fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

impl Random {
    /// One of the streams of a seed.
    pub const fn new(seed: u64, stream: u64) -> Self {
        Self(mix(mix(seed).wrapping_add(stream)))
    }

    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `count`; 0 if there is none.
    pub const fn below(&mut self, count: u64) -> u64 {
        // The upper half of the product, which is less than `count`.
        ((self.next() as u128 * count as u128) >> 64) as u64
    }

    /// The index of one of so many values.
    pub fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap_or_default()
    }

    /// A number from `least` on, and below `end`.
    pub fn between(&mut self, least: i64, end: i64) -> i64 {
        least
            .saturating_add_unsigned(self.below(u64::try_from(end.saturating_sub(least)).unwrap_or_default()))
    }

    /// Yes once in so many times.
    pub const fn once_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// One of some values.
    pub fn of<T: Copy, const N: usize>(&mut self, values: [T; N]) -> T {
        const { assert!(N > 0, "there is one") };
        values[self.index(N)]
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    /// The numbers that the algorithm's authors give for this state.
    #[test]
    fn it_is_the_algorithm_that_everybody_has() {
        let mut random = Random(1_234_567);
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(expected.map(|_| random.next()), expected);
    }

    #[test]
    fn each_value_comes_about_as_often() {
        let mut random = Random::new(1, 1);
        let mut counts = [0; 10];
        for _ in 0..10_000 {
            counts[random.index(10)] += 1;
        }
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }
}
