//! Which words of a text answer a question, so that a reader sees why the
//! text was found.

use super::analysis::{Stems, Words, span};
use super::query::{Query, Test, WordTest};
use crate::model::text::Span;

struct Read {
    word: String,
    stem: String,
    span: Span,
}

/// The words that a question's words and phrases found, in order, none twice.
pub fn highlight(text: &str, query: &Query) -> Vec<Span> {
    let wanted = query.clauses.iter().filter(|clause| !clause.negated).map(|clause| &clause.test);
    let wanted: Vec<&Test> =
        wanted.filter(|test| matches!(test, Test::Word(_) | Test::Phrase(_))).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let read = read(text);
    let mut found: Vec<Span> = wanted.into_iter().flat_map(|test| spans(&read, test)).collect();
    found.sort();
    found.dedup();
    found
}

fn read(text: &str) -> Vec<Read> {
    let mut stems = Stems::default();
    let mut words = Words::of(text);
    let mut word = String::new();
    let mut found = Vec::new();
    while let Some(place) = words.next_into(&mut word) {
        found.push(Read { stem: stems.stem(&word), word: word.clone(), span: span(place) });
    }
    found
}

fn spans(read: &[Read], test: &Test) -> Vec<Span> {
    match test {
        Test::Word(word) => {
            read.iter().filter(|one| is_form(one, word)).map(|one| one.span).collect()
        }
        Test::Phrase(words) => read
            .windows(words.len().max(1))
            .filter(|some| some.iter().map(|one| &one.word).eq(words))
            .flat_map(|some| some.iter().map(|one| one.span))
            .collect(),
        _ => Vec::new(),
    }
}

fn is_form(read: &Read, wanted: &WordTest) -> bool {
    read.stem == wanted.stem || wanted.forms.contains(&read.word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::search::query::Names;

    fn check(query: &str, text: &str, expected: &[&str]) {
        let query = Query::parse(query, &Names::default()).unwrap();
        let found: Vec<&str> = highlight(text, &query).iter().map(|span| span.of(text)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn the_found_words_are_shown_in_the_forms_they_have() {
        check("яма", "Яма на яме, объезжаем ямы", &["Яма", "яме", "ямы"]);
        check("елка", "Упала ЁЛКА и ещё е\u{308}лка", &["ЁЛКА", "е\u{308}лка"]);
        check("\"на яме\"", "яма на яме, но не на ямах", &["на", "яме"]);
        check("яме \"на яме\"", "на яме", &["на", "яме"]);
        check("-яма", "яма", &[]);
        check("сеть:vk", "сеть vk", &[]);
    }
}
