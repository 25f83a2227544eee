//! Notices on their way out: real mail over SMTP, webhooks over HTTP, and the
//! stages that send and escalate.

mod channels;
mod stages;
