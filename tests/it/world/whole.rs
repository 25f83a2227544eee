//! The whole reading of a text: normal forms, tokens, language, topics, places,
//! personal data, with everything that must hold whatever the text is.

use std::cell::RefCell;

use otklik::model::finding::Finding;
use otklik::model::text::Span;
use otklik::pipeline::matcher::PostReader;
use otklik::rules::privacy;
use otklik::rules::text::mend::Mender;
use otklik::rules::text::normalise;

use super::pipeline::shipped_ruleset;
use super::posts::post;

/// Reads texts by the shipped rules.
pub struct WholeReading {
    posts: RefCell<PostReader>,
    mender: RefCell<Mender>,
}

impl WholeReading {
    pub fn new() -> WholeReading {
        let posts = RefCell::new(PostReader::new(&shipped_ruleset()));
        WholeReading { posts, mender: RefCell::default() }
    }

    /// Reads a text as a post and asserts what holds for every text.
    pub fn checked(&self, text: &str) -> Finding {
        let finding = self.read(text);
        spans_of(&finding).for_each(|span| assert_inside(span, text));
        let mut last = 0;
        for token in self.mender.borrow_mut().tokens(text) {
            assert_inside(&token.span, text);
            assert!(last <= token.span.start, "tokens come in order: {text:?}");
            last = token.span.end;
            let normal = normalise::word(token.span.of(text));
            assert_eq!(normalise::word(&normal), normal, "a normal form is its own: {text:?}");
        }
        privacy::find(text).iter().for_each(|one| assert_inside(&one.span, text));
        assert_eq!(privacy::masked(text).len(), text.len(), "{text:?}");
        let is_told = !finding.lang.is_empty();
        assert!(is_told && finding.kind.is_some(), "{text:?}");
        assert_eq!(finding.matters.is_empty(), finding.topics.is_empty(), "{text:?}");
        finding
    }

    /// The same without the assertions.
    pub fn read(&self, text: &str) -> Finding {
        let post = post("vk", "1", text, "2026-11-20T12:00:00Z");
        self.posts.borrow_mut().read(&post)
    }
}

fn spans_of(finding: &Finding) -> impl Iterator<Item = &Span> {
    let topics = finding.topics.iter();
    let evidence = topics.flat_map(|topic| &topic.evidence).flat_map(|one| &one.spans);
    evidence
        .chain(finding.matters.iter().flat_map(|one| &one.spans))
        .chain(finding.signals.iter().flat_map(|one| &one.spans))
        .chain(finding.marks.iter().flat_map(|one| &one.spans))
        .chain(finding.risks.iter().flat_map(|one| &one.spans))
        .chain(finding.places.iter().flat_map(|one| &one.spans))
}

fn assert_inside(span: &Span, text: &str) {
    let (start, end) = (span.start as usize, span.end as usize);
    assert!(text.get(start..end).is_some_and(|words| !words.is_empty()), "{span:?} of {text:?}");
}
