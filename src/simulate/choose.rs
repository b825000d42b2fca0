//! Where the decisions of a simulation come from: a seed or bytes.

/// A source of decisions.
///
/// [`Random`] draws them from a seed. [`Bytes`] reads them from bytes, so that a fuzzer or a property test can steer and
/// shrink what is made of them.
pub trait Choose {
    /// 64 bits.
    fn bits(&mut self) -> u64;

    /// A number below `count`; 0 if `count` is 0.
    fn below(&mut self, count: u64) -> u64 {
        // The upper half of the product is less than `count`.
        ((u128::from(self.bits()) * u128::from(count)) >> 64) as u64
    }

    /// `true` once in `count` times.
    fn once_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// An index below `count`; 0 if `count` is 0.
    fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap_or_default()
    }

    /// A number from `least` up to, not including, `end`; `least` if that range is empty.
    fn between(&mut self, least: i64, end: i64) -> i64 {
        let count = u64::try_from(end.saturating_sub(least)).unwrap_or_default();
        least.saturating_add_unsigned(self.below(count))
    }

    /// One of some values.
    fn of<T: Copy, const N: usize>(&mut self, values: [T; N]) -> T
    where
        Self: Sized,
    {
        const { assert!(N > 0, "there is a value to choose") };
        values[self.index(N)]
    }

    /// One of the values of a slice; `None` if it is empty.
    fn pick<T: Copy>(&mut self, values: &[T]) -> Option<T>
    where
        Self: Sized,
    {
        values.get(self.index(values.len())).copied()
    }
}

impl<C: Choose> Choose for &mut C {
    fn bits(&mut self) -> u64 {
        (**self).bits()
    }

    fn below(&mut self, count: u64) -> u64 {
        (**self).below(count)
    }

    fn once_in(&mut self, count: u64) -> bool {
        (**self).once_in(count)
    }
}

/// Random numbers that are the same on every machine and in every version of this crate.
///
/// The algorithm is `SplitMix64`, written out here because a library may change its streams.
#[derive(Clone, Debug)]
pub struct Random(u64);

/// The increment of the state: the fractional part of the golden ratio, made odd.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A bijection after which states that differ in one bit look unrelated.
pub(super) const fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

impl Random {
    /// One of the streams of a seed. Streams are independent of each other.
    pub const fn new(seed: u64, stream: u64) -> Self {
        Self(mix(mix(seed).wrapping_add(stream)))
    }
}

impl Choose for Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }
}

/// Decisions read from bytes: 0 and `false`, the simplest ones, when no bytes are left.
///
/// A decision takes as many bytes as its range needs, one as a rule.
#[derive(Clone, Debug)]
pub struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    /// Decisions from these bytes.
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// Whether all bytes were used.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, count: usize) -> u64 {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
    }
}

impl Choose for Bytes<'_> {
    fn bits(&mut self) -> u64 {
        self.take(8)
    }

    fn below(&mut self, count: u64) -> u64 {
        let Some(most) = count.checked_sub(1) else { return 0 };
        let bits = u64::BITS - most.leading_zeros();
        self.take(bits.div_ceil(8) as usize) % count
    }

    fn once_in(&mut self, count: u64) -> bool {
        self.below(count) + 1 == count
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Choose, Random};

    /// The numbers that the authors of the algorithm publish for this state.
    #[test]
    fn random_is_splitmix64() {
        let mut random = Random(1_234_567);
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(expected.map(|_| random.bits()), expected);
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

    #[test]
    fn bytes_are_read_one_a_decision_and_end_in_the_simplest_ones() {
        let mut bytes = Bytes::new(&[7, 3, 1, 2, 5]);
        assert_eq!((bytes.below(5), bytes.once_in(4), bytes.below(1)), (2, true, 0));
        assert_eq!(bytes.between(-1, 999), 512);
        assert_eq!((bytes.of([1, 2, 3]), bytes.is_empty()), (3, true));
        assert_eq!((bytes.below(5), bytes.once_in(4), bytes.bits()), (0, false, 0));
        assert_eq!((bytes.below(0), bytes.pick::<u8>(&[]), bytes.pick(&[4, 5])), (0, None, Some(4)));
    }
}
