//! A short text kept in place: a post has dozens of words, and an allocation
//! for each of them would cost more than reading them.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

use arrayvec::ArrayString;

/// Most Russian words fit.
const INLINE_BYTES: usize = 30;

#[derive(Clone)]
pub struct Word(Kept);

#[derive(Clone)]
enum Kept {
    Inline(ArrayString<INLINE_BYTES>),
    Boxed(Box<str>),
}

impl Default for Word {
    fn default() -> Self {
        Word(Kept::Inline(ArrayString::new()))
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Word {
        match ArrayString::from(text) {
            Ok(text) => Word(Kept::Inline(text)),
            Err(_) => Word(Kept::Boxed(text.into())),
        }
    }
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Kept::Inline(text) => text,
            Kept::Boxed(text) => text,
        }
    }
}

impl PartialEq for Word {
    fn eq(&self, other: &Word) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Word {}

impl Hash for Word {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Nothing is hashed along with a word, so its length need not be.
        state.write(self.as_bytes());
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&**self, f)
    }
}
