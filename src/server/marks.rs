//! Words of a text that meant something, marked for the eye: a text cut into
//! stretches, each plain or marked with why.

use crate::model::finding::Finding;
use crate::model::text::Span;

/// Why a stretch is marked; also its CSS class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    Topic,
    Place,
    Risk,
    Found,
}

impl Mark {
    pub fn class(self) -> &'static str {
        match self {
            Mark::Topic => "mark-topic",
            Mark::Place => "mark-place",
            Mark::Risk => "mark-risk",
            Mark::Found => "mark-found",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub text: String,
    pub mark: Option<Mark>,
}

/// The words of a post that made its finding.
pub fn evidence(finding: &Finding) -> Vec<(Span, Mark)> {
    let topic = finding.main_topic();
    let heard = topic.into_iter().flat_map(|topic| &topic.evidence).flat_map(|one| &one.spans);
    // Where the dictionaries heard nothing, the learned words are the reason.
    let learned = topic.filter(|topic| topic.evidence.is_empty());
    let learned = learned.and_then(|topic| topic.learned.as_ref());
    let learned = learned.into_iter().flat_map(|learned| &learned.words);
    let topics = heard.chain(learned.flat_map(|word| &word.spans));
    let topics = topics.map(|span| (*span, Mark::Topic));
    let places = finding.place().into_iter().flat_map(|place| &place.spans);
    let places = places.map(|span| (*span, Mark::Place));
    let risks = finding.risks.iter().flat_map(|risk| &risk.spans);
    let risks = risks.map(|span| (*span, Mark::Risk));
    topics.chain(places).chain(risks).collect()
}

/// The whole text in stretches. Where marks overlap, the graver wins; marks
/// that do not lie in the text are left out.
pub fn stretches(text: &str, marks: &[(Span, Mark)]) -> Vec<Stretch> {
    cut(text, 0, text.len(), marks)
}

/// About `length_chars` of the text around its first mark, as stretches.
pub fn excerpt(text: &str, marks: &[(Span, Mark)], length_chars: usize) -> Vec<Stretch> {
    let first = marks.iter().map(|(span, _)| span.start as usize).min().unwrap_or(0);
    let from = if first < length_chars { 0 } else { word_start(text, first, length_chars / 3) };
    let to = text[from..]
        .char_indices()
        .nth(length_chars)
        .map_or(text.len(), |(at, _)| word_end(text, from + at));
    let mut found = cut(text, from, to, marks);
    if from > 0 {
        found.insert(0, plain("… "));
    }
    if to < text.len() {
        found.push(plain("…"));
    }
    found
}

fn plain(text: &str) -> Stretch {
    Stretch { text: text.to_owned(), mark: None }
}

/// The start of a word about `back_chars` before a byte of the text.
fn word_start(text: &str, before: usize, back_chars: usize) -> usize {
    let head = text.get(..before).unwrap_or("");
    let at = head.char_indices().rev().nth(back_chars).map_or(0, |(at, _)| at);
    head[at..].find(char::is_whitespace).map_or(at, |space| at + space + 1)
}

fn word_end(text: &str, at: usize) -> usize {
    text[..at].rfind(char::is_whitespace).filter(|end| at < end + 60).unwrap_or(at)
}

fn cut(text: &str, from: usize, to: usize, marks: &[(Span, Mark)]) -> Vec<Stretch> {
    let to = floor(text, to);
    let mut borders: Vec<usize> = vec![from, to];
    let inside: Vec<(usize, usize, Mark)> = marks
        .iter()
        .map(|(span, mark)| (span.start as usize, span.end as usize, *mark))
        .filter(|(start, end, _)| text.get(*start..*end).is_some_and(|words| !words.is_empty()))
        .collect();
    let ends = inside.iter().flat_map(|(start, end, _)| [*start, *end]);
    borders.extend(ends.filter(|at| from < *at && *at < to));
    borders.sort_unstable();
    borders.dedup();
    let mut found: Vec<Stretch> = Vec::new();
    for pair in borders.windows(2) {
        let mark = inside
            .iter()
            .filter(|(start, end, _)| *start <= pair[0] && pair[1] <= *end)
            .map(|(_, _, mark)| *mark)
            .max();
        let words = &text[pair[0]..pair[1]];
        match found.last_mut() {
            Some(last) if last.mark == mark => last.text.push_str(words),
            _ => found.push(Stretch { text: words.to_owned(), mark }),
        }
    }
    found
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, words: &str) -> Span {
        let start = text.find(words).unwrap();
        Span { start: start as u32, end: (start + words.len()) as u32 }
    }

    fn shown(stretches: &[Stretch]) -> String {
        stretches
            .iter()
            .map(|stretch| match stretch.mark {
                Some(_) => format!("[{}]", stretch.text),
                None => stretch.text.clone(),
            })
            .collect()
    }

    #[test]
    fn marked_words_stand_out_and_nothing_is_lost() {
        let text = "Огромная яма на улице Мира, провалился ребёнок";
        let marks = [
            (span(text, "яма"), Mark::Topic),
            (span(text, "улице Мира"), Mark::Place),
            (span(text, "провалился ребёнок"), Mark::Risk),
            (span(text, "ребёнок"), Mark::Topic),
            (Span { start: 1, end: 3 }, Mark::Topic),
            (Span { start: 500, end: 600 }, Mark::Topic),
        ];
        let cut = stretches(text, &marks);
        assert_eq!(shown(&cut), "Огромная [яма] на [улице Мира], [провалился ребёнок]");
        assert_eq!(cut.iter().map(|stretch| stretch.text.as_str()).collect::<String>(), text);
    }

    #[test]
    fn an_excerpt_shows_the_first_marked_word() {
        let text = format!("{} яма во дворе {}", "слово ".repeat(60), "ещё ".repeat(60));
        let cut = excerpt(&text, &[(span(&text, "яма"), Mark::Topic)], 80);
        let shown = shown(&cut);
        assert!(shown.starts_with("… слово") && shown.ends_with('…'), "{shown}");
        assert!(shown.contains("[яма]"), "{shown}");
        assert!(shown.chars().count() < 130, "{shown}");
    }

    #[test]
    fn texts_of_any_shape_are_cut_without_a_panic() {
        for text in ["", "😀", "а", "😀😀😀 яма", "ямаямаямаямаяма"] {
            for start in 0..12 {
                let marks = [(Span { start, end: start + 6 }, Mark::Topic)];
                let whole: String =
                    stretches(text, &marks).into_iter().map(|stretch| stretch.text).collect();
                assert_eq!(whole, text);
                excerpt(text, &marks, 4);
            }
        }
    }
}
