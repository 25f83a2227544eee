//! Reading letters: normal form, tokens with byte spans, stems, language.

pub mod forms;
pub mod language;
pub mod layout;
pub mod mend;
pub mod months;
pub mod normalise;
pub mod stem;
pub mod tokens;
