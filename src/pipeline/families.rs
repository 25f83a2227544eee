//! The texts of an incident that several posts have: who was first, and how far
//! each went. Follows from the copies as they are stored; decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::adapters::store::read::Member;
use crate::model::incident::Family;
use crate::model::position::Position;
use crate::model::post::StoredPost;

/// The largest first. `copies`: members that are copies, with the first post of
/// their text, which may be elsewhere now.
pub fn families<'m>(members: &'m [Member], copies: &[(Position, Position)]) -> Vec<Family<'m>> {
    let origin_of: BTreeMap<Position, Position> = copies.iter().copied().collect();
    let mut texts: BTreeMap<Position, Vec<&StoredPost>> = BTreeMap::new();
    for member in members {
        let post = member.post.position;
        texts.entry(*origin_of.get(&post).unwrap_or(&post)).or_default().push(&member.post);
    }
    let mut families: Vec<Family<'m>> =
        texts.values().filter(|posts| 1 < posts.len()).filter_map(|posts| family(posts)).collect();
    families.sort_by_key(|family| (std::cmp::Reverse(family.posts), family.first.position));
    families
}

fn family<'m>(posts: &[&'m StoredPost]) -> Option<Family<'m>> {
    let first = posts.iter().min_by_key(|one| (one.post.published_at, one.position))?;
    let author = |one: &&StoredPost| {
        let author = one.post.author_id.clone();
        (one.post.key.network.clone(), author.unwrap_or_else(|| format!("?{}", one.position)))
    };
    let authors: BTreeSet<_> = posts.iter().map(author).collect();
    let networks: BTreeSet<_> = posts.iter().map(|one| &one.post.key.network).collect();
    Some(Family { first, posts: posts.len(), authors: authors.len(), networks: networks.len() })
}
