//! «This incident is two»: looked at again whenever an incident changed, and not
//! where people said that its posts belong together. Splits nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::actions::{Cause, Inverse, Outcomes, Refused};
use super::fold::Fold;
use crate::model::incident::IncidentId;
use crate::model::position::Position;
use crate::model::proposal::Parting;
use crate::rules::clustering::{PARTED_MAX, PartedOver};
use crate::rules::lifecycle::{Event, next};

/// Every proposal that stands, and what decides about them.
#[derive(Default)]
pub(super) struct Partings {
    standing: BTreeMap<IncidentId, Parting>,
    /// Posts that belong together, by the action that said so, and the actions of
    /// each post.
    kept: BTreeMap<Position, Vec<Position>>,
    kept_by: HashMap<Position, BTreeSet<Position>>,
    changed: BTreeSet<IncidentId>,
}

impl Partings {
    pub(super) fn remember(&mut self, id: IncidentId, parting: Parting) {
        self.standing.insert(id, parting);
    }

    pub(super) fn keep(&mut self, post: Position, action: Position) {
        self.kept.entry(action).or_default().push(post);
        self.kept_by.entry(post).or_default().insert(action);
    }

    fn let_part(&mut self, action: Position) -> Vec<Position> {
        let posts = self.kept.remove(&action).unwrap_or_default();
        for post in &posts {
            if let Some(actions) = self.kept_by.get_mut(post) {
                actions.remove(&action);
            }
        }
        posts
    }

    /// Whether people said of posts of both parts that they belong together.
    fn are_kept(&self, parting: &Parting) -> bool {
        let actions = parting.leaves.iter().filter_map(|post| self.kept_by.get(post)).flatten();
        let actions: BTreeSet<&Position> = actions.collect();
        let mut posts = actions.into_iter().filter_map(|action| self.kept.get(action));
        posts.any(|posts| parting.separates(posts))
    }

    pub(super) fn look_again(&mut self, id: IncidentId) {
        self.changed.insert(id);
    }
}

impl Fold {
    /// After every fact: what the incidents that it changed fall into.
    pub(super) fn refresh_partings(&mut self) {
        for id in std::mem::take(&mut self.partings.changed) {
            let parting = self.parting_of(id);
            if self.partings.standing.get(&id) == parting.as_ref() {
                continue;
            }
            match &parting {
                Some(parting) => self.partings.standing.insert(id, parting.clone()),
                None => self.partings.standing.remove(&id),
            };
            self.changes.proposed.partings.push((id, parting));
        }
    }

    fn parting_of(&self, id: IncidentId) -> Option<Parting> {
        let incident = self.incidents.get(&id).filter(|incident| incident.state.is_open())?;
        let split = self.ruleset.weights.grouping.split.as_ref()?;
        let is_of_area = split.area_wide.contains(&incident.topic_group);
        let over = if is_of_area { PartedOver::Matters } else { PartedOver::PlacesAndMatters };
        let parting = self.window.parting(id, over)?;
        (!self.partings.are_kept(&parting)).then_some(parting)
    }

    /// A person says that these posts belong together.
    pub(super) fn keep(
        &mut self,
        posts: &[Position],
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let incident = self.named(*posts.first().ok_or("refusal-no-posts")?)?;
        next(incident.state, Event::Regroup).map_err(|refusal| refusal.key())?;
        if posts.iter().any(|post| self.incident_of(*post) != Some(incident.id)) {
            return Err("refusal-posts-of-another");
        }
        self.hold(posts.to_vec(), cause);
        self.partings.look_again(incident.id);
        self.changes.touched.insert(incident.id, cause.position);
        Ok(Outcomes { incident: incident.id, inverse: Inverse::LetPart })
    }

    /// Who joins two incidents says that their posts belong together.
    pub(super) fn hold_together(&mut self, incidents: [IncidentId; 2], cause: Cause<'_>) {
        let members = |id| self.members.get(&id).into_iter().flat_map(BTreeMap::keys).copied();
        let posts: Vec<Position> = incidents.into_iter().flat_map(members).collect();
        // What nothing is proposed about needs no word.
        if posts.len() <= PARTED_MAX {
            self.hold(posts, cause);
        }
    }

    fn hold(&mut self, posts: Vec<Position>, cause: Cause<'_>) {
        let kept = posts.iter().map(|post| (*post, cause.position));
        self.changes.proposed.kept.extend(kept);
        posts.into_iter().for_each(|post| self.partings.keep(post, cause.position));
    }

    /// They may be told apart again.
    pub(super) fn let_part(&mut self, action: Position) {
        let posts = self.partings.let_part(action);
        self.changes.proposed.let_part.push(action);
        for id in posts.iter().filter_map(|post| self.incident_of(*post)).collect::<Vec<_>>() {
            self.partings.look_again(id);
        }
    }
}
