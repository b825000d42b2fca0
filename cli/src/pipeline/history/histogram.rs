//! A histogram of durations.

use std::collections::BTreeMap;
use std::time::Duration;

/// A histogram of durations with logarithmic buckets. Quantiles are exact to the millisecond below 128 ms, and to 1/128 of
/// their value above it; the minimum and maximum are exact. It has at most some 4000 buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    count: u64,
    min: u64,
    max: u64,
    buckets: BTreeMap<u16, u64>,
}

/// The number of significant bits of a bucket.
const BITS: u32 = 7;

impl Histogram {
    pub fn add(&mut self, duration: Duration) {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.min = if self.count == 0 { milliseconds } else { self.min.min(milliseconds) };
        self.max = self.max.max(milliseconds);
        self.count += 1;
        *self.buckets.entry(bucket(milliseconds)).or_default() += 1;
    }

    /// Adds the durations of another histogram.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.min = if self.count == 0 { other.min } else { self.min.min(other.min) };
        self.max = self.max.max(other.max);
        self.count += other.count;
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// The quantiles; `None` if the histogram is empty.
    pub fn quantiles(&self) -> Option<Quantiles> {
        (self.count > 0).then(|| Quantiles {
            min: Duration::from_millis(self.min),
            median: self.percentile(50),
            p95: self.percentile(95),
            max: Duration::from_millis(self.max),
        })
    }

    /// The smallest duration that `percent` percent of all do not exceed.
    fn percentile(&self, percent: u64) -> Duration {
        let rank = self.count.saturating_mul(percent).div_ceil(100).max(1);
        let mut passed = 0;
        let bucket = self.buckets.iter().find(|(_, count)| {
            passed += **count;
            passed >= rank
        });
        let middle = bucket.map_or(self.max, |(&bucket, _)| middle(bucket));
        Duration::from_millis(middle.clamp(self.min, self.max))
    }
}

/// The minimum, the median, the 95th percentile and the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantiles {
    pub min: Duration,
    pub median: Duration,
    pub p95: Duration,
    pub max: Duration,
}

/// The bucket of a duration: its seven most significant bits, and the number of bits after them.
fn bucket(milliseconds: u64) -> u16 {
    let shift = (u64::BITS - milliseconds.leading_zeros()).saturating_sub(BITS);
    let first_bits = milliseconds >> shift;
    u16::try_from((u64::from(shift) << BITS) | first_bits).unwrap_or(u16::MAX)
}

/// The middle of the durations of a bucket.
fn middle(bucket: u16) -> u64 {
    let shift = bucket >> BITS;
    let first_bits = u64::from(bucket) & ((1 << BITS) - 1);
    (first_bits << shift) + ((1 << shift) >> 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(milliseconds: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for &one in milliseconds {
            histogram.add(Duration::from_millis(one));
        }
        histogram
    }

    #[test]
    fn an_empty_histogram_has_no_quantiles() {
        assert_eq!(Histogram::default().quantiles(), None);
    }

    #[test]
    fn short_durations_are_exact() {
        let quantiles = of(&(0..=100).collect::<Vec<_>>()).quantiles().expect("there are some");
        let [min, median, p95, max] = [0, 50, 95, 100].map(Duration::from_millis);
        assert_eq!(quantiles, Quantiles { min, median, p95, max });
    }

    proptest! {
        #[test]
        fn a_quantile_has_the_documented_precision(mut durations in prop::collection::vec(prop_oneof![0..500_u64, 0..10_000_000_u64, any::<u64>()], 1..50)) {
            let quantiles = of(&durations).quantiles().expect("there are some");
            durations.sort_unstable();
            let exact = |percent: usize| durations[(durations.len() * percent).div_ceil(100).max(1) - 1];
            for (found, exact) in [(quantiles.median, exact(50)), (quantiles.p95, exact(95))] {
                let found = u64::try_from(found.as_millis()).expect("it is one of them");
                prop_assert!(found.abs_diff(exact) <= exact / 128, "{found} for {exact}");
            }
            prop_assert_eq!(quantiles.min, Duration::from_millis(durations[0]));
            prop_assert_eq!(quantiles.max, Duration::from_millis(durations[durations.len() - 1]));
        }

        #[test]
        fn merging_adds_all_durations(one in prop::collection::vec(any::<u64>(), 0..20), other in prop::collection::vec(any::<u64>(), 0..20)) {
            let mut merged = of(&one);
            merged.merge(&of(&other));
            prop_assert_eq!(merged, of(&[one, other].concat()));
        }
    }
}
