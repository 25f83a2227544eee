//! How many matters a post is about, and in which of its words each lives. A
//! topic is a further matter when it has words of its own: of two topics heard
//! in the same words one is another reading. Weighs nothing; the topics come in
//! their order.

use crate::model::finding::{Finding, Matter, TopicMatch};
use crate::model::text::Span;
use crate::rules::text::tokens::{Token, TokenKind};

/// More than this nobody reads; one bit each.
const MATTERS_MAX: usize = 6;

/// The matters of a finding with its topics in order, the main one first.
pub(super) fn of(finding: &Finding, tokens: &[Token], text: &str) -> Vec<Matter> {
    let Some(main) = finding.topics.first() else { return Vec::new() };
    if tokens.is_empty() {
        return Vec::new();
    }
    let sentences = tokens[tokens.len() - 1].sentence as usize + 1;
    let (by, of_sentence) = (vec![0; tokens.len()], vec![0; sentences]);
    let mut taken = Taken { by, of_sentence, matters: Vec::new() };
    taken.take(main, tokens, |_, _| true);
    for topic in finding.topics.iter().skip(1) {
        taken.further(topic, tokens);
    }
    let parts = parts(tokens, text);
    let owners = owners(&parts, &taken.by);
    let spans = |bit: usize| spans(&parts, &owners, 1 << bit, tokens);
    let whole = Span { start: tokens[0].span.start, end: tokens[tokens.len() - 1].span.end };
    let matter = |(bit, topic): (usize, &&TopicMatch)| {
        let spans = spans(bit);
        // A topic that no word names is what the whole text is about.
        let spans = if spans.is_empty() { vec![whole] } else { spans };
        Matter { topic: topic.topic.clone(), spans }
    };
    taken.matters.iter().enumerate().map(matter).collect()
}

/// Which matters' words the tokens are, by one bit a matter.
struct Taken<'f> {
    by: Vec<u8>,
    /// By sentence: the matters that have words in it.
    of_sentence: Vec<u8>,
    matters: Vec<&'f TopicMatch>,
}

impl<'f> Taken<'f> {
    /// Makes a topic the next matter, with those of its words that are its own.
    fn take(&mut self, topic: &'f TopicMatch, tokens: &[Token], is_own: impl Fn(u8, u8) -> bool) {
        let bit = 1 << self.matters.len();
        for word in words(topic, tokens) {
            let sentence = tokens[word].sentence as usize;
            if is_own(self.by[word], self.of_sentence[sentence]) {
                self.by[word] |= bit;
                self.of_sentence[sentence] |= bit;
            }
        }
        self.matters.push(topic);
    }

    /// A further topic is a matter by the words that no other matter has. Within
    /// one group of topics it must share none, and have a sentence to itself:
    /// «темно», «не горят фонари».
    fn further(&mut self, topic: &'f TopicMatch, tokens: &[Token]) {
        let kin = self.of_group(&topic.group);
        let is_own = |by: u8, of_sentence: u8| by == 0 && of_sentence & kin == 0;
        let (mut has_own, mut shares) = (false, false);
        for word in words(topic, tokens) {
            let of_sentence = self.of_sentence[tokens[word].sentence as usize];
            has_own |= is_own(self.by[word], of_sentence);
            shares |= kin != 0 && self.by[word] != 0;
        }
        if has_own && !shares && self.matters.len() < MATTERS_MAX {
            self.take(topic, tokens, is_own);
        }
    }

    /// The matters of one group of topics, by their bits.
    fn of_group(&self, group: &str) -> u8 {
        let bits = (0..).zip(&self.matters).filter(|(_, one)| one.group == group);
        bits.fold(0, |all, (bit, _)| all | 1u8 << bit)
    }
}

/// The tokens that speak for a topic, some of them more than once: those that the
/// keywords heard, or those that a model learned.
fn words<'f>(topic: &'f TopicMatch, tokens: &'f [Token]) -> impl Iterator<Item = usize> + 'f {
    let heard = topic.evidence.iter().flat_map(|one| &one.spans);
    let learned = topic.learned.iter().flat_map(|learned| &learned.words);
    let learned = learned.flat_map(|word| &word.spans).filter(|_| topic.evidence.is_empty());
    heard.chain(learned).flat_map(|span| within(span, tokens))
}

fn within(span: &Span, tokens: &[Token]) -> std::ops::Range<usize> {
    let first = tokens.partition_point(|token| token.span.end <= span.start);
    // Most spans are of one word.
    let further = tokens[first..].iter().take_while(|token| token.span.start < span.end);
    first..first + further.count()
}

/// A stretch of tokens between two signs that may part matters.
struct Part {
    first: usize,
    last: usize,
    sentence: u32,
}

fn parts(tokens: &[Token], text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match parts.last_mut() {
            Some(part) if part.sentence == token.sentence && !parts_at(tokens, at, text) => {
                part.last = at;
            }
            Some(_) | None => {
                parts.push(Part { first: at, last: at, sentence: token.sentence });
            }
        }
    }
    parts
}

/// Whether a new part begins with the token: behind a comma, a colon or a dash,
/// or with «и», «а», «также».
fn parts_at(tokens: &[Token], at: usize, text: &str) -> bool {
    const JOINING: [&str; 7] = ["и", "а", "но", "также", "еще", "плюс", "да"];
    let token = &tokens[at];
    let before = tokens[at - 1].span.end as usize;
    let between = text.get(before..token.span.start as usize).unwrap_or("");
    let has_sign =
        || between.contains([',', ';', ':', '—', '–', '(', ')']) || between.contains(" - ");
    (between != " " && has_sign())
        || (token.kind == TokenKind::Word && JOINING.contains(&&*token.normal))
}

/// To which matters each part belongs: to those whose words it holds; one that
/// holds none to that of the part before it in its sentence, or behind it.
fn owners(parts: &[Part], by: &[u8]) -> Vec<u8> {
    let mut owners: Vec<u8> = parts
        .iter()
        .map(|part| by[part.first..=part.last].iter().fold(0, |all, &one| all | one))
        .collect();
    let is_one = |one: usize, other: usize| parts[one].sentence == parts[other].sentence;
    for at in 1..parts.len() {
        if owners[at] == 0 && is_one(at - 1, at) {
            owners[at] = owners[at - 1];
        }
    }
    for at in (1..parts.len()).rev() {
        if owners[at - 1] == 0 && is_one(at - 1, at) {
            owners[at - 1] = owners[at];
        }
    }
    owners
}

/// The parts of a matter, neighbours in one.
fn spans(parts: &[Part], owners: &[u8], bit: u8, tokens: &[Token]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut last = None;
    for (at, part) in parts.iter().enumerate().filter(|(at, _)| owners[*at] & bit != 0) {
        let end = tokens[part.last].span.end;
        let goes_on = last.is_some_and(|last| last + 1 == at);
        match spans.last_mut().filter(|_| goes_on) {
            Some(span) => span.end = end,
            None => spans.push(Span { start: tokens[part.first].span.start, end }),
        }
        last = Some(at);
    }
    spans
}

#[cfg(test)]
mod tests {
    use crate::model::finding::{Evidence, Learned, TopicOrigin, Verdict, WordWeight};
    use crate::model::topic::TopicId;
    use crate::rules::text::tokens::tokenise;

    use super::*;

    fn span(text: &str, word: &str) -> Span {
        let start = text.find(word).unwrap();
        Span { start: start as u32, end: (start + word.len()) as u32 }
    }

    fn topic(text: &str, id: &str, group: &str, words: &[&str]) -> TopicMatch {
        let spans: Vec<Span> = words.iter().map(|word| span(text, word)).collect();
        let evidence = Evidence { keyword: id.to_owned(), spans, weight: 1.0 };
        TopicMatch {
            topic: TopicId(id.to_owned()),
            group: group.to_owned(),
            score: 0.8,
            evidence: if words.is_empty() { Vec::new() } else { vec![evidence] },
            learned: None,
        }
    }

    fn matters(text: &str, topics: Vec<TopicMatch>) -> Vec<(String, Vec<String>)> {
        let finding = Finding {
            verdict: Verdict::Matched,
            lang: String::new(),
            topics,
            topic_origin: TopicOrigin::Words,
            matters: Vec::new(),
            signals: Vec::new(),
            marks: Vec::new(),
            complaint_score: 0.0,
            concreteness: 0.0,
            kind: None,
            places: Vec::new(),
            risks: Vec::new(),
            importance: 1,
            specificity: 0.0,
        };
        let matters = of(&finding, &tokenise(text), text).into_iter();
        let quoted = |matter: Matter| {
            let spans = matter.spans.iter().map(|span| span.of(text).to_owned()).collect();
            (matter.topic.0, spans)
        };
        matters.map(quoted).collect()
    }

    fn check(text: &str, topics: &[(&str, &str, &[&str])], expected: &[(&str, &[&str])]) {
        let topics =
            topics.iter().map(|(id, group, words)| topic(text, id, group, words)).collect();
        let expected: Vec<(String, Vec<String>)> = expected
            .iter()
            .map(|(id, spans)| {
                ((*id).to_owned(), spans.iter().map(|&one| one.to_owned()).collect())
            })
            .collect();
        assert_eq!(matters(text, topics), expected, "{text}");
    }

    #[test]
    fn each_matter_has_its_sentences() {
        check(
            "Добрый день! Во дворе яма. Машины бьются. И фонарь не горит третий день, темно.",
            &[("pits", "roads", &["яма"]), ("lamps", "lighting", &["фонарь", "не горит"])],
            &[("pits", &["Во дворе яма"]), ("lamps", &["И фонарь не горит третий день, темно"])],
        );
    }

    #[test]
    fn matters_of_one_sentence_share_it() {
        check(
            "Второй день нет воды, света и отопления",
            &[
                ("water", "water", &["нет", "воды"]),
                ("power", "power", &["нет", "света"]),
                ("heat", "heating", &["нет", "отопления"]),
            ],
            &[
                ("water", &["Второй день нет воды"]),
                ("power", &["света"]),
                ("heat", &["и отопления"]),
            ],
        );
        check(
            "На Мира, у школы, яма, а на остановке темно",
            &[("pits", "roads", &["яма"]), ("lamps", "lighting", &["темно"])],
            &[("pits", &["На Мира, у школы, яма"]), ("lamps", &["а на остановке темно"])],
        );
    }

    #[test]
    fn two_readings_of_the_same_words_are_one_matter() {
        check(
            "На остановке темно, фонари не горят",
            &[("lamps", "lighting", &["фонари", "не горят"]), ("dark", "lighting", &["темно"])],
            &[("lamps", &["На остановке темно, фонари не горят"])],
        );
        check(
            "Во дворе яма",
            &[("pits", "roads", &["дворе", "яма"]), ("yard", "yards", &["дворе"])],
            &[("pits", &["Во дворе яма"])],
        );
    }

    /// Any word in a sentence of its own makes a matter, not the first alone.
    #[test]
    fn a_sentence_of_its_own_makes_a_matter_of_a_kindred_topic() {
        check(
            "На улице яма до метра. Тротуар разбит. Помогите",
            &[("pits", "roads", &["яма"]), ("walks", "roads", &["улице", "Тротуар", "разбит"])],
            &[("pits", &["На улице яма до метра"]), ("walks", &["Тротуар разбит"])],
        );
        check(
            "На улице яма, колеи до метра. Едем по встречной",
            &[("pits", "roads", &["яма"]), ("ruts", "roads", &["колеи", "метра"])],
            &[("pits", &["На улице яма, колеи до метра"])],
        );
    }

    #[test]
    fn what_no_word_names_is_the_whole_text() {
        check(
            "Помогите. Сил нет",
            &[("other", "other", &[])],
            &[("other", &["Помогите. Сил нет"])],
        );
        let text = "Добрый день. Провалилась плита у входа. Спасибо";
        let words = vec![WordWeight { spans: vec![span(text, "плита")], weight: 1.0 }];
        let learned = Some(Learned { certainty: 0.7, words });
        let topic = TopicMatch { learned, ..topic(text, "pits", "roads", &[]) };
        let found = matters(text, vec![topic]);
        assert_eq!(found[0].1, ["Провалилась плита у входа"]);
    }

    #[test]
    fn a_post_without_topics_has_no_matter() {
        check("Доброе утро", &[], &[]);
    }
}
