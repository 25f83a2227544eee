//! Posts that say word for word what another one said: whom they repeat, and
//! what they make of their incident. Follows from the members alone, so that
//! counting one more comes to what counting all anew would. Hides nothing and
//! moves no clock.

use std::collections::{BTreeMap, HashMap};

use super::crowds::MembersOf;
use super::fold::Fold;
use crate::adapters::store::read::MemberFact;
use crate::model::incident::{AssignmentKind, Campaign, IncidentId, Reason};
use crate::model::position::Position;
use crate::rules::campaign::{Told, campaign};
use crate::rules::ruleset::CampaignWeights;

/// From so many copies of one text on a campaign is counted at every eighth of
/// their number, not at every copy: the thousandth changes little, and looking
/// through a thousand for each of them would take long.
const EVERY_COPY: usize = 64;

/// The posts with each text of an incident, by the first post that has it, in
/// the order in which they came.
type Texts = BTreeMap<Position, Vec<Position>>;

/// Made when the first copy joins an incident, and again after people moved posts.
#[derive(Default)]
pub(super) struct Copies {
    texts: HashMap<IncidentId, Texts>,
}

impl Copies {
    /// Members have come or left by people's hands.
    pub(super) fn moved(&mut self, id: IncidentId) {
        self.texts.remove(&id);
    }

    /// A post that is no member yet; how many have its text with it.
    fn add(
        &mut self,
        id: IncidentId,
        members: Option<&MembersOf>,
        fact: &MemberFact,
    ) -> &[Position] {
        let texts = self.texts.entry(id).or_insert_with(|| texts_of(members));
        let posts = texts.entry(text_of(fact)).or_default();
        posts.push(fact.post);
        posts
    }
}

impl Fold {
    /// The first post with the text of a copy: what it repeats may be a copy too.
    pub(super) fn origin_of_copy(&self, id: IncidentId, reason: &Reason) -> Option<Position> {
        let copied = reason.nearest.filter(|_| reason.kind == AssignmentKind::Family)?;
        let fact = self.members.get(&id).and_then(|members| members.get(&copied));
        Some(fact.and_then(|fact| fact.copy_of).unwrap_or(copied))
    }

    /// What `recount_copies` would come to once this post is a member.
    pub(super) fn count_copy(&mut self, id: IncidentId, fact: &MemberFact) {
        let members = self.members.get(&id);
        // A text of its own: the first post of it, if any ever copies it.
        if fact.copy_of.is_none() && !self.copies.texts.contains_key(&id) {
            return;
        }
        let posts = self.copies.add(id, members, fact);
        let Some(incident) = self.incidents.get_mut(&id) else { return };
        incident.copies += u32::from(1 < posts.len());
        if !is_counted(posts.len()) {
            return;
        }
        let fact_of = |post: &Position| {
            let member = members.and_then(|members| members.get(post));
            member.map_or(fact, |member| &**member)
        };
        let of_text = posts.iter().map(fact_of).map(told);
        let Some(weights) = self.ruleset.weights.grouping.campaign else { return };
        let found = campaign(text_of(fact), of_text, &weights);
        incident.campaign = larger(incident.campaign.take(), found);
    }

    /// Counts the copies of all members anew.
    pub(super) fn recount_copies(&mut self, id: IncidentId) {
        self.copies.moved(id);
        let (Some(members), Some(incident)) = (self.members.get(&id), self.incidents.get_mut(&id))
        else {
            return;
        };
        let texts = texts_of(Some(members));
        let copies: usize = texts.values().map(|posts| posts.len() - 1).sum();
        incident.copies = u32::try_from(copies).unwrap_or(u32::MAX);
        let weights = self.ruleset.weights.grouping.campaign;
        incident.campaign = weights.and_then(|weights| largest(members, &texts, &weights));
    }
}

fn largest(members: &MembersOf, texts: &Texts, weights: &CampaignWeights) -> Option<Campaign> {
    texts.iter().fold(None, |largest, (origin, posts)| {
        let counted = (0..=posts.len()).rev().find(|count| is_counted(*count)).unwrap_or(0);
        let of_text = posts[..counted].iter().filter_map(|post| members.get(post));
        larger(largest, campaign(*origin, of_text.map(|fact| told(fact)), weights))
    })
}

/// Of two texts as many sent the first one's stays.
fn larger(known: Option<Campaign>, found: Option<Campaign>) -> Option<Campaign> {
    let rank = |one: &Campaign| (one.authors, std::cmp::Reverse(one.origin));
    match (known, found) {
        (Some(known), Some(found)) if rank(&found) < rank(&known) => Some(known),
        (known, found) => found.or(known),
    }
}

fn is_counted(posts: usize) -> bool {
    posts <= EVERY_COPY || posts.is_multiple_of(1 << (posts.ilog2() - 3))
}

fn texts_of(members: Option<&MembersOf>) -> Texts {
    let mut texts = Texts::new();
    for fact in members.into_iter().flat_map(BTreeMap::values) {
        texts.entry(text_of(fact)).or_default().push(fact.post);
    }
    texts
}

fn text_of(fact: &MemberFact) -> Position {
    fact.copy_of.unwrap_or(fact.post)
}

fn told(fact: &MemberFact) -> Told<'_> {
    Told {
        post: fact.post,
        is_repost: fact.is_repost,
        author: fact.author.as_deref().map(|author| (fact.network.0.as_str(), author)),
        written_at: fact.written_at,
    }
}
