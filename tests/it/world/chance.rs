//! Numbers that look like chance and are the same for the same seed: the sequence
//! «splitmix64».

/// The place in the sequence.
pub struct Chance(pub u64);

// Tests and benchmarks share this file, and each needs a part of it.
#[allow(dead_code)]
impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Below `end`; 0 where there is nothing below.
    pub fn index(&mut self, end: usize) -> usize {
        self.below(end.max(1) as u64) as usize
    }

    /// 0.0..1.0
    pub fn share(&mut self) -> f64 {
        self.below(1 << 32) as f64 / (1_u64 << 32) as f64
    }

    pub fn one_of<'a>(&mut self, some: &[&'a str]) -> &'a str {
        some[self.index(some.len())]
    }

    pub fn secs(&mut self, end: i64) -> i64 {
        self.below(end as u64) as i64
    }

    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}
