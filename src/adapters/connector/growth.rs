//! How the time of a piece of work grows with its size: what is linear takes
//! four times as long for four times as much, what is quadratic sixteen times.
//! For tests; machines are busy, so the kindest of a few runs counts.

#![allow(clippy::disallowed_methods)] // A test's own clock.

use std::time::Instant;

const RUNS: usize = 5;

/// How many times longer four times the size takes.
pub fn ratio(work: impl Fn(usize), size: usize) -> f64 {
    let took = |size: usize| {
        let begun = Instant::now();
        work(size);
        begun.elapsed().as_secs_f64().max(1e-6)
    };
    let runs = (0..RUNS).map(|_| took(4 * size) / took(size));
    runs.fold(f64::INFINITY, f64::min)
}
