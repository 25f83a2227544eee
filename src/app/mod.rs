//! Puts the parts together: configuration in, running program out. The only
//! place that knows everybody; holds no logic of its own.

pub mod check;
pub mod commands;
pub mod demo;
pub mod import;
mod log;
pub mod parts;
pub mod poll;
pub mod serve;
pub mod stages;
pub mod workplace;
