//! «These two incidents may be one»: what posts say about incidents that exist
//! already. A hint ties two posts; which incidents it proposes to merge follows
//! from where the posts are now, so that joins, splits, undoing, closing and
//! «not the same» need no word about it. Merges nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fold::Fold;
use crate::model::incident::{IncidentId, Reason};
use crate::model::position::Position;
use crate::model::proposal::{Hint, HintKind, Merge};
use crate::rules::clustering::Bridge;

/// Two posts, the one that says it first.
pub(super) type Pair = (Position, Position);

/// Every hint, and the merge that each pair of incidents is proposed by.
#[derive(Default)]
pub(super) struct Hints {
    known: BTreeMap<Pair, Known>,
    of_post: HashMap<Position, Vec<Pair>>,
    /// All hints at a pair of incidents that may be merged, and the one shown.
    offered: BTreeMap<Merge, BTreeSet<Pair>>,
    shown: BTreeMap<Merge, Pair>,
    /// Hints of which incidents may have changed since they were looked at.
    stale: BTreeSet<Pair>,
}

struct Known {
    kind: HintKind,
    strength: f64,
    merge: Option<Merge>,
}

impl Hints {
    fn learn(&mut self, hint: &Hint) {
        let pair = (hint.post, hint.other);
        let known = Known { kind: hint.kind, strength: hint.strength(), merge: None };
        if self.known.insert(pair, known).is_none() {
            self.of_post.entry(pair.0).or_default().push(pair);
            self.of_post.entry(pair.1).or_default().push(pair);
        }
        self.stale.insert(pair);
    }

    /// A hint of the store, with the merge that it is shown for.
    pub(super) fn remember(&mut self, hint: &Hint, shown: Option<Merge>) {
        self.learn(hint);
        if let Some(merge) = shown {
            self.shown.insert(merge, (hint.post, hint.other));
        }
    }

    /// A post is in another incident now.
    pub(super) fn moved(&mut self, post: Position) {
        if let Some(pairs) = self.of_post.get(&post) {
            self.stale.extend(pairs);
        }
    }

    /// What a hint may propose now; which incidents are to be looked at anew.
    fn offer(&mut self, pair: Pair, merge: Option<Merge>) -> [Option<Merge>; 2] {
        let was =
            self.known.get_mut(&pair).and_then(|known| std::mem::replace(&mut known.merge, merge));
        if let Some(was) = was.filter(|was| merge != Some(*was))
            && let Some(pairs) = self.offered.get_mut(&was)
        {
            pairs.remove(&pair);
        }
        if let Some(merge) = merge {
            self.offered.entry(merge).or_default().insert(pair);
        }
        [was, merge]
    }

    /// Of several hints at one pair of incidents the strongest is shown; what
    /// people say themselves is stronger than any resemblance, and among equals
    /// the earliest post stays.
    fn strongest(&self, merge: &Merge) -> Option<Pair> {
        let rank = |pair: &Pair| self.known.get(pair).map(|known| (known.kind, known.strength));
        let pairs = self.offered.get(merge)?.iter().copied();
        pairs.reduce(|best, one| if rank(&best) < rank(&one) { one } else { best })
    }

    /// Shows the strongest hint at a pair of incidents: what changes by that.
    fn show(&mut self, merge: Merge) -> Vec<(Pair, Option<Merge>)> {
        let now = self.strongest(&merge);
        let was = match now {
            Some(pair) => self.shown.insert(merge, pair),
            None => self.shown.remove(&merge),
        };
        if was == now {
            return Vec::new();
        }
        let hidden = was.map(|pair| (pair, None));
        hidden.into_iter().chain(now.map(|pair| (pair, Some(merge)))).collect()
    }
}

impl Fold {
    /// A post is in its incident now, and says something of others.
    pub(super) fn hint(&mut self, post: Position, reason: &Reason, bridges: Vec<Bridge>) {
        for bridge in bridges {
            let hint = Hint {
                post,
                other: bridge.nearest,
                kind: bridge.kind,
                score: if reason.parts.is_empty() { 1.0 } else { reason.score },
                parts: reason.parts.clone(),
                other_score: bridge.score,
                other_parts: bridge.parts,
            };
            self.hints.learn(&hint);
            self.changes.proposed.hints.push(hint);
        }
    }

    /// The state of an incident has changed, or what people said of it: what its
    /// posts hint at is looked at again.
    pub(super) fn look_at_hints_of(&mut self, id: IncidentId) {
        for post in self.members.get(&id).into_iter().flat_map(BTreeMap::keys) {
            self.hints.moved(*post);
        }
    }

    /// After every fact: which merges are proposed as the incidents are now.
    pub(super) fn refresh_hints(&mut self) {
        let mut merges = BTreeSet::new();
        for pair in std::mem::take(&mut self.hints.stale) {
            let merge = self.merge_of(pair);
            merges.extend(self.hints.offer(pair, merge).into_iter().flatten());
        }
        // One pair of posts may stop showing one merge and show another: what
        // ends is written before what begins.
        let (mut ended, mut begun) = (Vec::new(), Vec::new());
        for (pair, merge) in merges.into_iter().flat_map(|merge| self.hints.show(merge)) {
            let changed = if merge.is_some() { &mut begun } else { &mut ended };
            changed.push((pair.0, pair.1, merge));
        }
        self.changes.proposed.merges.append(&mut ended);
        self.changes.proposed.merges.append(&mut begun);
    }

    /// The incidents of two posts, where they are two, somebody still works on
    /// both, and nobody said that they are not the same.
    fn merge_of(&self, (post, other): Pair) -> Option<Merge> {
        let (one, two) = (self.incident_of(post)?, self.incident_of(other)?);
        let is_open = |id| self.incidents.get(&id).is_some_and(|held| held.state.is_open());
        let may_be = one != two && is_open(one) && is_open(two) && !self.window.forbids(one, two);
        may_be.then(|| Merge::of(one, two))
    }
}
