//! What the program is tested against: posts made by hand, a clock that is set
//! by the test, local servers that speak real protocols. The only fakes.

pub mod chance;
pub mod clock;
pub mod comments;
pub mod echo;
pub mod generate;
pub mod network;
pub mod pipeline;
pub mod posts;
pub mod reading;
pub mod receiver;
pub mod recorded;
pub mod site;
pub mod smtp;
pub mod streams;
pub mod talk;
pub mod whole;
pub mod workplace;
