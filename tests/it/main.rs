//! One integration crate: the program as its neighbours see it.

mod api;
mod asking;
mod callbacks;
mod cli;
mod clocks;
mod connectors;
mod crash;
mod demo;
mod fuzz;
mod layers;
mod licences;
mod local_networks;
mod mail;
mod network_calls;
mod network_threads;
mod polling;
mod reading;
mod replay;
mod scenarios;
mod search;
mod store_suite;
mod threads;
mod tidy;
mod vocabularies;
mod watching;
mod world;
