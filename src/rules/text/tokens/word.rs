//! A short text kept in place: a post has dozens of words, and an allocation
//! for each of them would cost more than reading them.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// Most Russian words fit.
const INLINE_BYTES: usize = 30;

#[derive(Clone)]
pub struct Word(Kept);

#[derive(Clone)]
enum Kept {
    Inline(u8, [u8; INLINE_BYTES]),
    Boxed(Box<str>),
}

impl Default for Word {
    fn default() -> Self {
        Word(Kept::Inline(0, [0; INLINE_BYTES]))
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Word {
        let mut bytes = [0; INLINE_BYTES];
        match bytes.get_mut(..text.len()) {
            Some(place) => {
                place.copy_from_slice(text.as_bytes());
                Word(Kept::Inline(text.len() as u8, bytes))
            }
            None => Word(Kept::Boxed(text.into())),
        }
    }
}

/// What can be told without reading the text letter by letter.
impl Word {
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kept::Inline(length, bytes) => &bytes[..usize::from(*length)],
            Kept::Boxed(text) => text.as_bytes(),
        }
    }

    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// How many letters it has.
    pub fn letters(&self) -> usize {
        const GOES_ON: u8 = 0b1000_0000;
        const MARK: u8 = 0b1100_0000;
        self.as_bytes().iter().filter(|byte| **byte & MARK != GOES_ON).count()
    }

    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    pub fn is_ascii(&self) -> bool {
        self.as_bytes().is_ascii()
    }
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            // Filled from a `str` above, so this is always valid.
            Kept::Inline(..) => std::str::from_utf8(self.as_bytes()).unwrap_or(""),
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
