//! Texts that several posts of an incident have, in words: who was first, and how
//! far each went.

use super::incident_parts::network_name;
use super::post_parts;
use crate::adapters::store::read::Member;
use crate::model::incident::Family;
use crate::model::position::Position;
use crate::pipeline::families::families;
use crate::server::visitor::Visitor;

const FAMILIES_MAX: usize = 3;

pub struct FamilyPart {
    pub first: String,
    pub when: String,
    pub posts: String,
    pub authors: String,
}

/// `authors`: those of the card, so that a number means the same person.
pub fn family_parts(
    visitor: &Visitor,
    members: &[Member],
    copies: &[(Position, Position)],
    authors: &mut Vec<String>,
) -> Vec<FamilyPart> {
    let words = &visitor.words;
    let found = families(members, copies);
    let part = |family: &Family<'_>| {
        let post = &family.first.post;
        let author = post_parts::author(visitor, family.first, authors);
        FamilyPart {
            first: format!("{}, {author}", network_name(visitor, &post.key.network.0)),
            when: words.moment(post.published_at, visitor.now),
            posts: words.n("row-posts", family.posts as u64),
            authors: words.n("row-authors", family.authors as u64),
        }
    };
    found.iter().take(FAMILIES_MAX).map(part).collect()
}
