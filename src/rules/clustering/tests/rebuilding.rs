//! Which incidents take posts follows from the incidents alone: a window that was
//! there all the time and one that was built anew hold the same ones.

use std::collections::BTreeMap;

use super::*;

/// What a store would know.
#[derive(Default)]
struct Stored {
    members: BTreeMap<IncidentId, Vec<PostFeatures>>,
    closed: Vec<IncidentId>,
    newest: Timestamp,
}

impl Stored {
    fn rebuilt(&self, weights: &GroupingWeights) -> Window {
        let mut window = Window::new(weights, Rarity::default());
        for (id, posts) in &self.members {
            for post in posts {
                if self.closed.contains(id) {
                    window.add_past(*id, post.clone());
                } else {
                    window.add(*id, post.clone());
                }
            }
        }
        window.advance(self.newest);
        window
    }
}

/// Goal: live equals rebuilt, whatever was closed, opened, joined, split and came late.
#[test]
fn who_takes_posts_is_the_same_after_a_restart() {
    let weights = GroupingWeights { window_hours: 40, incidents_max: 3, ..weights() };
    for seed in 0..60_u64 {
        let mut chance = seed;
        let mut roll = |sides: u64| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (chance >> 33) % sides
        };
        let mut live = Window::new(&weights, Rarity::default());
        let mut stored = Stored { newest: Timestamp::MIN, ..Stored::default() };
        for number in 1..=60_u64 {
            let id = IncidentId(1 + roll(8));
            let is_there = stored.members.contains_key(&id);
            let is_closed = stored.closed.contains(&id);
            match roll(6) {
                0 if is_there && !is_closed => {
                    stored.closed.push(id);
                    live.shelve(id);
                }
                1 if is_closed => {
                    stored.closed.retain(|closed| *closed != id);
                    live.bring_back(id);
                }
                // A person joins one into another, whoever takes posts.
                2 if is_there && !is_closed => {
                    let into = IncidentId(1 + roll(8));
                    let is_open =
                        stored.members.contains_key(&into) && !stored.closed.contains(&into);
                    if into != id && is_open {
                        let posts = stored.members.remove(&id).unwrap();
                        stored.members.get_mut(&into).unwrap().extend(posts);
                        live.merge(into, id);
                        live.bring_back(into);
                    }
                }
                // The last post is taken out.
                3 if is_there && stored.members[&id].len() > 1 => {
                    let last = stored.members.get_mut(&id).unwrap().pop().unwrap();
                    live.take_out(id, &[last.position]);
                }
                _ => {
                    let hour = (number * 3).saturating_sub(roll(50));
                    let features = PostFeatures {
                        written_at: from_ms(hour as i64 * HOUR_MS),
                        ..post(number, "Не горит фонарь").features()
                    };
                    stored.newest = stored.newest.max(features.written_at);
                    live.advance(features.written_at);
                    let rebuilt = stored.rebuilt(&weights);
                    for id in (1..=8).map(IncidentId) {
                        let (here, there) = (live.contains(id), rebuilt.contains(id));
                        assert_eq!(here, there, "seed {seed}, post {number}, {id}");
                    }
                    // The machine joins only what takes posts.
                    if !is_there || live.contains(id) {
                        stored.members.entry(id).or_default().push(features.clone());
                        live.add(id, features);
                    }
                }
            }
        }
    }
}
