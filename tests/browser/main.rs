//! The program as people meet it: the real binary, a real browser.
//!
//! Needs chromedriver and Chromium; `./test` installs them. Every test starts
//! its own demo, so that none depends on what another one decided. Screenshots
//! of every page are left in `artefacts/`.
#![allow(clippy::disallowed_methods)] // A test waits by the real clock.

mod audit;
mod browser;
mod demo;
mod doors;
mod keyboard;
mod official;
mod supervision;
mod triage;
mod without_script;
