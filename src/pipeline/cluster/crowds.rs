//! Who has written to large incidents, so that a post that joins one is not held
//! against all that joined before. Follows from the members alone; holds nothing
//! that cannot be made again from them.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::adapters::store::read::MemberFact;
use crate::model::incident::IncidentId;
use crate::model::position::Position;
use crate::model::post::Network;

/// With fewer members looking through them is quicker than remembering.
const CROWD_MIN: usize = 32;

/// The members of one incident. Most incidents have one or two: a tree keeps room
/// for eleven, so each stands in a box of its own.
pub type MembersOf = BTreeMap<Position, Box<MemberFact>>;

type Authors = HashMap<Network, HashSet<String>>;

#[derive(Default)]
pub struct Crowds {
    authors: HashMap<IncidentId, Authors>,
}

impl Crowds {
    /// Whether one of the members was written by the author of a post that is
    /// none of them yet. Who does not sign is somebody else every time.
    pub fn knows(
        &mut self,
        id: IncidentId,
        members: Option<&MembersOf>,
        post: &MemberFact,
    ) -> bool {
        let (Some(author), Some(members)) = (&post.author, members) else { return false };
        if members.len() < CROWD_MIN {
            return members
                .values()
                .any(|other| other.author == post.author && other.network == post.network);
        }
        let authors = self.authors.entry(id).or_insert_with(|| {
            let mut authors = Authors::new();
            members.values().for_each(|member| add(&mut authors, member));
            authors
        });
        authors.get(&post.network).is_some_and(|authors| authors.contains(author))
    }

    /// A post has become a member.
    pub fn joined(&mut self, id: IncidentId, post: &MemberFact) {
        if let Some(authors) = self.authors.get_mut(&id) {
            add(authors, post);
        }
    }

    /// Members have left the incident: who is still there is asked anew.
    pub fn left(&mut self, id: IncidentId) {
        self.authors.remove(&id);
    }
}

fn add(authors: &mut Authors, post: &MemberFact) {
    let Some(author) = &post.author else { return };
    if !authors.contains_key(&post.network) {
        authors.insert(post.network.clone(), HashSet::new());
    }
    if let Some(of_network) = authors.get_mut(&post.network) {
        of_network.insert(author.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Timestamp;

    const ID: IncidentId = IncidentId(1);

    fn by(number: u64, author: Option<&str>) -> MemberFact {
        MemberFact {
            incident: ID,
            post: Position(number),
            network: Network(["vk", "ok"][number as usize % 2].to_owned()),
            author: author.map(str::to_owned),
            views: 0,
            copy_of: None,
            is_repost: false,
            first_seen_at: Timestamp::UNIX_EPOCH,
            written_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_crowd_knows_whom_its_members_know() {
        let (mut crowds, mut members) = (Crowds::default(), MembersOf::new());
        let round = |crowds: &mut Crowds, members: &mut MembersOf, numbers| {
            for number in numbers {
                let author = format!("u{}", number * 7 % 40);
                let post = by(number, Some(&author).filter(|_| number % 5 != 0).map(|a| &**a));
                let expected = post.author.is_some()
                    && members
                        .values()
                        .any(|one| (&one.author, &one.network) == (&post.author, &post.network));
                assert_eq!(crowds.knows(ID, Some(members), &post), expected, "{number}");
                crowds.joined(ID, &post);
                members.insert(post.post, Box::new(post));
            }
        };
        round(&mut crowds, &mut members, 0..150_u64);
        members.retain(|post, _| post.0 % 3 != 0 || post.0 < 40);
        crowds.left(ID);
        round(&mut crowds, &mut members, 150..300);
        assert!(CROWD_MIN < members.len());
    }
}
