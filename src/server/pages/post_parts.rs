//! Posts as pages show them: the text as captured with the words that meant
//! something marked, who wrote it as far as one may know, why it is here.

use crate::adapters::store::read::Member;
use crate::model::finding::Finding;
use crate::model::incident::{Reason, ScorePart};
use crate::model::post::StoredPost;
use crate::model::text::Span;
use crate::model::topic::TopicId;
use crate::rules::text::language::UNKNOWN;
use crate::rules::wording::Arg;
use crate::server::decisions::web_address;
use crate::server::marks::{Mark, Stretch, evidence, stretches};
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;

use super::incident_parts::{network_name, percent, topic_name};
use super::reopened;

/// Parts of a score that move it less than this are not worth reading.
const PART_WORTH: f64 = 0.05;

pub struct PostPart {
    pub key: String,
    pub network: String,
    pub community: Option<String>,
    pub author: String,
    pub when: String,
    pub text: Vec<Stretch>,
    /// Only to the web, whatever the network sent.
    pub url: Option<String>,
    pub media: Vec<MediaPart>,
    pub counts: Vec<String>,
    pub is_deleted: bool,
    pub is_private: bool,
    /// Later texts, oldest first, and when they were seen.
    pub revisions: Vec<RevisionPart>,
    pub reason: Option<ReasonPart>,
    /// What kind of post it is and how surely it is about a concrete matter.
    pub kind: Option<String>,
    /// In which language it is written, where that is not the region's own.
    pub language: Option<String>,
    /// Its matters with the words in which each is told, where there are several.
    pub matters: Vec<MatterPart>,
    /// Which keywords fired.
    pub evidence: Vec<String>,
    /// What a learned model went by, heaviest first.
    pub learned: Vec<WordLine>,
}

/// A word of the post with what it says for the topic.
pub struct WordLine {
    pub adds: String,
    pub words: String,
}

pub struct MatterPart {
    pub topic: String,
    pub quotes: String,
}

pub struct MediaPart {
    pub kind: String,
    pub url: Option<String>,
}

pub struct RevisionPart {
    pub when: String,
    pub text: String,
    pub is_deleted: bool,
}

/// Why a post is in its incident, in words.
pub struct ReasonPart {
    pub kind: String,
    pub score: Option<u32>,
    pub parts: Vec<PartLine>,
    /// Of a post that opened the incident again.
    pub opened_again: Option<String>,
    pub apart: Option<String>,
}

/// One part of a score.
pub struct PartLine {
    pub name: String,
    pub text: String,
    pub adds: String,
    pub class: &'static str,
}

/// The author's name, or a number that stays the same within the incident.
pub fn author(visitor: &Visitor, stored: &StoredPost, authors: &mut Vec<String>) -> String {
    let post = &stored.post;
    if visitor.may(Permission::SeePersonal)
        && let Some(name) = post.author_name.clone().or_else(|| post.author_id.clone())
    {
        return name;
    }
    let id = post.author_id.clone().or_else(|| post.author_name.clone());
    let Some(id) = id else { return visitor.words.t("author-unknown") };
    let id = format!("{}:{id}", post.key.network.0);
    let index = authors.iter().position(|known| *known == id).unwrap_or_else(|| {
        authors.push(id);
        authors.len() - 1
    });
    visitor.words.n("author-number", index as u64 + 1)
}

pub fn member(
    visitor: &Visitor,
    member: &Member,
    revisions: &[(String, bool, i64)],
    authors: &mut Vec<String>,
) -> PostPart {
    let mut part = post(visitor, &member.post, authors);
    if let Some(finding) = &member.finding {
        let text = visitor.readable(&member.post.post.text);
        part.text = stretches(&text, &evidence(finding));
        part.kind = kind(visitor, finding);
        part.language = language(visitor, finding);
        part.matters = matters(visitor, &text, finding);
        part.evidence = finding
            .main_topic()
            .into_iter()
            .flat_map(|topic| {
                let name = topic_name(visitor, &topic.topic);
                topic.evidence.iter().map(move |one| format!("{name}: «{}»", one.keyword))
            })
            .collect();
        part.learned = learned(visitor, &text, finding);
    }
    part.revisions = revisions
        .iter()
        .map(|(text, is_deleted, seen_at_ms)| RevisionPart {
            when: visitor.words.moment(crate::model::time::from_ms(*seen_at_ms), visitor.now),
            text: visitor.readable(text).into_owned(),
            is_deleted: *is_deleted,
        })
        .collect();
    part.reason = Some(reason(visitor, &member.reason));
    part.is_deleted = revisions.last().map_or(part.is_deleted, |(_, is_deleted, _)| *is_deleted);
    veil(visitor, &mut part);
    part
}

fn learned(visitor: &Visitor, text: &str, finding: &Finding) -> Vec<WordLine> {
    let learned = finding.main_topic().and_then(|topic| topic.learned.as_ref());
    let words = learned.into_iter().flat_map(|learned| &learned.words);
    words
        .map(|word| WordLine {
            adds: visitor.words.signed(word.weight),
            words: quoted(text, &word.spans),
        })
        .collect()
}

fn quoted(text: &str, spans: &[Span]) -> String {
    let words: Vec<String> = spans.iter().map(|span| format!("«{}»", span.of(text))).collect();
    words.join(", ")
}

/// One matter needs no list: it is the whole post.
fn matters(visitor: &Visitor, text: &str, finding: &Finding) -> Vec<MatterPart> {
    let several = finding.matters.iter().filter(|_| 1 < finding.matters.len());
    several
        .map(|matter| MatterPart {
            topic: topic_name(visitor, &matter.topic),
            quotes: quoted(text, &matter.spans),
        })
        .collect()
}

/// Nothing for Russian, and where nothing could be told.
fn language(visitor: &Visitor, finding: &Finding) -> Option<String> {
    let is_worth = !["", "ru", UNKNOWN].contains(&finding.lang.as_str());
    is_worth.then(|| {
        let language = visitor.words.of("post-language", &finding.lang.to_lowercase());
        visitor.words.s("post-language", &language)
    })
}

/// A post that its author took back, or wrote to a body alone, keeps its place;
/// its words are for those alone who may know who wrote them.
fn veil(visitor: &Visitor, part: &mut PostPart) {
    let is_guarded = part.is_deleted || part.is_private;
    if !is_guarded || visitor.may(Permission::SeePersonal) {
        return;
    }
    part.text = Vec::new();
    part.url = None;
    part.media = Vec::new();
    part.evidence = Vec::new();
    part.matters = Vec::new();
    part.learned = Vec::new();
    if let Some(reason) = &mut part.reason {
        reason.parts.iter_mut().for_each(|line| line.text.clear());
    }
    part.revisions.iter_mut().for_each(|revision| revision.text.clear());
}

pub fn post(visitor: &Visitor, stored: &StoredPost, authors: &mut Vec<String>) -> PostPart {
    let words = &visitor.words;
    let post = &stored.post;
    let counts = [
        ("count-views", post.counts.views),
        ("count-likes", post.counts.likes),
        ("count-reposts", post.counts.reposts),
        ("count-comments", post.counts.comments),
    ];
    PostPart {
        key: post.key.to_string(),
        network: network_name(visitor, &post.key.network.0),
        community: post.community.clone(),
        author: author(visitor, stored, authors),
        when: words.moment(post.published_at, visitor.now),
        text: stretches(&visitor.readable(&post.text), &[]),
        url: post.url.clone().and_then(|url| web_address(url).ok()),
        media: post
            .media
            .iter()
            .map(|media| MediaPart {
                kind: words.of("media", &media.kind),
                url: media.url.clone().and_then(|url| web_address(url).ok()),
            })
            .collect(),
        counts: counts
            .into_iter()
            .filter_map(|(key, count)| {
                count.filter(|count| 0 < *count).map(|count| words.n(key, count))
            })
            .collect(),
        is_deleted: post.deleted,
        is_private: post.private,
        revisions: Vec::new(),
        reason: None,
        kind: None,
        language: None,
        matters: Vec::new(),
        evidence: Vec::new(),
        learned: Vec::new(),
    }
}

/// «жалоба, конкретность 87 %».
fn kind(visitor: &Visitor, finding: &Finding) -> Option<String> {
    let kind = visitor.words.of("kind", finding.kind?.as_str());
    let percent = percent(finding.concreteness);
    let args = [("kind", Arg::from(&kind)), ("percent", Arg::from(percent))];
    Some(visitor.words.with("post-kind", &args))
}

/// The text of a post with what a search found in it.
pub fn found(stored: &StoredPost, spans: &[crate::model::text::Span]) -> Vec<Stretch> {
    let marks: Vec<_> = spans.iter().map(|span| (*span, Mark::Found)).collect();
    stretches(&stored.post.text, &marks)
}

pub fn reason(visitor: &Visitor, reason: &Reason) -> ReasonPart {
    ReasonPart {
        kind: visitor.words.of("reason", reason.kind.as_str()),
        score: (!reason.parts.is_empty()).then(|| percent(reason.score)),
        parts: parts(visitor, &reason.parts),
        apart: reason.apart.map(|apart| visitor.words.of("apart", apart.as_str())),
        opened_again: reason.reopens.as_ref().map(|reopens| reopened::why(visitor, reopens)),
    }
}

/// What the part names; topics by their names rather than their ids.
fn part_text(visitor: &Visitor, part: &ScorePart) -> String {
    match part.name.as_str() {
        "same_topic" | "other_topic" => topic_name(visitor, &TopicId(part.text.clone())),
        "same_group" => group_name(visitor, &part.text),
        _ => part.text.clone(),
    }
}

fn group_name(visitor: &Visitor, id: &str) -> String {
    let found = visitor.ruleset.groups.iter().find(|group| group.id == id);
    found.map_or_else(|| id.to_owned(), |group| visitor.words.name(&group.name))
}

/// The parts that tie other posts than the one at hand: what they quote may be
/// words that not everybody may read.
pub fn parts_of_others(visitor: &Visitor, all: &[ScorePart]) -> Vec<PartLine> {
    let mut lines = parts(visitor, all);
    if !visitor.may(Permission::SeePersonal) {
        lines.iter_mut().for_each(|line| line.text.clear());
    }
    lines
}

/// The parts that count, strongest first.
pub fn parts(visitor: &Visitor, parts: &[ScorePart]) -> Vec<PartLine> {
    let mut worth: Vec<&ScorePart> = parts
        .iter()
        .filter(|part| part.name != "base" && PART_WORTH <= (part.value * part.weight).abs())
        .collect();
    worth.sort_by(|one, other| {
        let adds = |part: &ScorePart| (part.value * part.weight).abs();
        adds(other).total_cmp(&adds(one))
    });
    worth
        .into_iter()
        .map(|part| {
            let adds = part.value * part.weight;
            PartLine {
                name: visitor.words.of("part", &part.name),
                text: part_text(visitor, part),
                adds: visitor.words.signed(adds),
                class: if adds < 0.0 { "against" } else { "for" },
            }
        })
        .collect()
}
