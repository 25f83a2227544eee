//! Otklik: from a public post to an incident with a running clock.
//!
//! The layers, lowest first: `model` (words), `rules` (decide) and `adapters`
//! (touch the world), `pipeline` (one file a stage), `server` and `cli`
//! (faces), `app` (puts the parts together). Imports go down only;
//! `tests/it/layers.rs` enforces it. Start with ARCHITECTURE.md.

pub mod adapters;
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod model;
pub mod pipeline;
pub mod rules;
pub mod server;
pub mod views;
