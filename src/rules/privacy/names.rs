//! Names of private persons, where they can be told: a surname with initials,
//! a full name with its patronymic, whatever follows «меня зовут». Not what
//! streets and schools are called after, not whoever holds an office, not the
//! official who is addressed by name and patronymic alone.

use super::{Private, PrivateKind};
use crate::model::text::Span;
use crate::rules::text::tokens::{Token, TokenKind};

/// Words of a name: surname, name, patronymic.
const NAME_WORDS: usize = 3;

pub(super) fn names(text: &str, tokens: &[Token]) -> Vec<Private> {
    let people = People { text, tokens };
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let count = people.introduced(at).or_else(|| people.named(at)).unwrap_or(0);
        if count > 0 {
            let span = Span { start: tokens[at].span.start, end: tokens[at + count - 1].span.end };
            found.push(Private { kind: PrivateKind::Name, span });
        }
        at += count.max(1);
    }
    found
}

struct People<'t> {
    text: &'t str,
    tokens: &'t [Token],
}

impl People<'_> {
    /// «меня зовут Анна Петровна».
    fn introduced(&self, at: usize) -> Option<usize> {
        let before = |back: usize| self.tokens.get(at.checked_sub(back)?);
        let says = |one: Option<&Token>, word| one.is_some_and(|one| &*one.normal == word);
        let is_introduced = says(before(1), "зовут") && says(before(2), "меня")
            || says(before(1), "меня") && says(before(2), "зовут");
        let count = (0..NAME_WORDS)
            .take_while(|&more| {
                self.is_capital(at + more) && (more == 0 || self.is_next(at + more))
            })
            .count();
        (is_introduced && count > 0).then_some(count)
    }

    fn named(&self, at: usize) -> Option<usize> {
        let count = self.with_initials(at).or_else(|| self.in_full(at))?;
        let is_private = !self.is_called_after(at) && !self.holds_office(at, count);
        is_private.then_some(count)
    }

    /// «Иванова А. И.», «А. И. Иванова».
    fn with_initials(&self, at: usize) -> Option<usize> {
        let initials = |from: usize| {
            (from..from + 2).take_while(|&one| self.is_initial(one) && self.is_next(one)).count()
        };
        if self.is_surname(at) && self.ends_as_surnames(at) {
            let count = initials(at + 1);
            return (count > 0).then_some(1 + count);
        }
        let is_pair = self.is_initial(at) && self.is_initial(at + 1) && self.is_next(at + 1);
        let is_person = is_pair
            && self.is_surname(at + 2)
            && self.ends_as_surnames(at + 2)
            && self.is_next(at + 2);
        // «А. С. Пушкина, 5» is a street.
        let is_street = self.kind_at(at + 3) == Some(TokenKind::Number);
        (is_person && !is_street).then_some(NAME_WORDS)
    }

    /// «Иванова Анна Петровна», «Анна Петровна Иванова».
    fn in_full(&self, at: usize) -> Option<usize> {
        let is_run = (at..at + NAME_WORDS)
            .all(|one| self.is_surname(one) && (one == at || self.is_next(one)));
        // The surname stands first or last; «Вчера Иван Петрович» has none.
        let is_name = || {
            let is_patronymic = |one: usize| is_patronymic(&self.tokens[one].normal);
            is_patronymic(at + 2) && self.ends_as_surnames(at)
                || is_patronymic(at + 1) && self.ends_as_surnames(at + 2)
        };
        (is_run && is_name()).then_some(NAME_WORDS)
    }

    fn kind_at(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn is_capital(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            token.kind == TokenKind::Word
                && token.span.of(self.text).starts_with(char::is_uppercase)
        })
    }

    fn is_initial(&self, at: usize) -> bool {
        self.is_capital(at) && self.tokens[at].normal.chars().count() == 1
    }

    fn ends_as_surnames(&self, at: usize) -> bool {
        const ENDINGS: [&str; 32] = [
            "ов",
            "ев",
            "ин",
            "ын",
            "ова",
            "ева",
            "ина",
            "ына",
            "ский",
            "цкий",
            "ская",
            "цкая",
            "ко",
            "ук",
            "юк",
            "ян",
            "дзе",
            "швили",
            "их",
            "ых",
            "ого",
            "ому",
            "овой",
            "евой",
            "иной",
            "ову",
            "еву",
            "ину",
            "овым",
            "евым",
            "иным",
            "ской",
        ];
        ENDINGS.iter().any(|ending| self.tokens[at].normal.ends_with(ending))
    }

    /// A word with one capital: headings in capitals are no names.
    fn is_surname(&self, at: usize) -> bool {
        const MIN_LETTERS: usize = 3;
        self.is_capital(at) && {
            let word = self.tokens[at].span.of(self.text);
            word.chars().count() >= MIN_LETTERS
                && !word.is_ascii()
                && word.chars().skip(1).all(|letter| !letter.is_uppercase())
        }
    }

    /// Nothing but spaces and points stands before it, and no sentence ends.
    fn is_next(&self, at: usize) -> bool {
        let Some(previous) = at.checked_sub(1) else { return false };
        if self.tokens[previous].sentence != self.tokens[at].sentence {
            return false;
        }
        let between = self.tokens[previous].span.end as usize..self.tokens[at].span.start as usize;
        let between = self.text.get(between).unwrap_or("-");
        between.len() <= 3 && between.chars().all(|sign| matches!(sign, ' ' | '.' | '\u{a0}'))
    }

    fn is_called_after(&self, at: usize) -> bool {
        const STARTS: [&str; 14] = [
            "улиц",
            "проспект",
            "переул",
            "площад",
            "бульвар",
            "набережн",
            "имени",
            "памятник",
            "школ",
            "гимнази",
            "лице",
            "сквер",
            "библиотек",
            "микрорайон",
        ];
        const SHORT: [&str; 8] = ["ул", "пр", "пер", "пл", "им", "наб", "просп", "мкр"];
        self.word_before(at).is_some_and(|word| {
            SHORT.contains(&word) || STARTS.iter().any(|start| word.starts_with(start))
        })
    }

    /// «Глава района Соколов А. И.», «Уважаемый Пётр Соколов».
    fn holds_office(&self, at: usize, count: usize) -> bool {
        const STARTS: [&str; 18] = [
            "глав",
            "мэр",
            "губернатор",
            "депутат",
            "министр",
            "директор",
            "начальник",
            "председател",
            "прокурор",
            "руководител",
            "президент",
            "сенатор",
            "префект",
            "участков",
            "уважаем",
            "заместител",
            "ректор",
            "полковник",
        ];
        const REACH: usize = 3;
        let from = at.saturating_sub(REACH);
        self.tokens[from..at + count].iter().any(|token| {
            token.sentence == self.tokens[at].sentence
                && STARTS.iter().any(|start| token.normal.starts_with(start))
        })
    }

    fn word_before(&self, at: usize) -> Option<&str> {
        Some(&*self.tokens.get(at.checked_sub(1)?)?.normal)
    }
}

/// In any case: «Петрович», «Петровича», «Петровной».
fn is_patronymic(word: &str) -> bool {
    const STEMS: [&str; 6] = ["ович", "евич", "ьич", "овн", "евн", "ичн"];
    const ENDINGS: [&str; 9] = ["", "а", "у", "ем", "е", "ы", "ой", "ою", "и"];
    STEMS.iter().any(|stem| {
        word.rfind(stem).is_some_and(|at| {
            let is_long = word[..at].chars().count() >= 2;
            is_long && ENDINGS.contains(&&word[at + stem.len()..])
        })
    })
}
