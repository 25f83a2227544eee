//! What the operating system says of this process.

/// The most memory that was resident at once, in bytes; `None` where the
/// system does not tell.
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// How long the first thread has been working so far, waiting for a free core
/// not counted; `None` where the system does not tell.
pub fn worked_secs() -> Option<f64> {
    let line = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanos: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(nanos as f64 / 1e9)
}
