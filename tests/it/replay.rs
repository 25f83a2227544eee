//! Replay equals live: the same facts under the same ruleset give the same
//! incidents, byte for byte, whatever the batches and restarts were.

use jiff::SignedDuration;
use otklik::model::action::{Changes, Decision};
use otklik::model::answer::AnswerKind;
use otklik::model::incident::{IncidentId, Outcome};
use otklik::model::position::Position;
use otklik::model::post::Post;
use otklik::model::source::SourceId;
use otklik::model::time::Timestamp;
use otklik::pipeline::replay::{Replayed, as_it_was, compare, live};
use proptest::prelude::*;

use crate::world::pipeline::Pipeline;
use crate::world::posts::post;

const PROBLEMS: [&str; 6] = [
    "не горит фонарь",
    "огромная яма на дороге",
    "не вывозят мусор, контейнеры переполнены",
    "нет горячей воды",
    "не чистят снег, не пройти",
    "автобус не пришёл, ждали час",
];
const PLACES: [&str; 5] = [
    "на улице Ленина, дом 14, Вологда",
    "на проспекте Победы 100, Череповец",
    "Вологда, улица Мира 5",
    "на Советском проспекте в Череповце",
    "в Соколе на улице Набережной 3",
];
const TAILS: [&str; 4] =
    ["сколько можно", "примите меры", "когда починят?", "дети ходят каждый день"];

fn complaint(number: usize, problem: usize, place: usize, tail: usize, seen: Timestamp) -> Post {
    let text = format!("{} {}, {}", PROBLEMS[problem], PLACES[place], TAILS[tail]);
    let written = seen - SignedDuration::from_mins(200 - number as i64);
    let network = ["vk", "telegram", "rss"][number % 3];
    post(network, &number.to_string(), &text, &written.to_string())
}

fn bytes(run: &Replayed) -> String {
    let incidents = serde_json::to_string(&run.incidents).unwrap();
    let assignments: Vec<_> = run
        .assignments
        .values()
        .map(|one| (one.post, one.incident, serde_json::to_string(&one.reason).unwrap()))
        .collect();
    format!("{incidents}{assignments:?}")
}

fn check(world: &Pipeline) -> Replayed {
    world
        .store
        .read(|reader| {
            let (live, replayed) = (live(reader)?, as_it_was(reader).unwrap());
            assert_eq!(compare(&live, &replayed).same, live_groups(&live));
            assert!(bytes(&live) == bytes(&replayed), "{}", first_difference(&live, &replayed));
            Ok(replayed)
        })
        .unwrap()
}

/// The first place where two runs differ, short enough to read.
fn first_difference(live: &Replayed, replayed: &Replayed) -> String {
    let (live, replayed) = (bytes(live), bytes(replayed));
    let at = live.bytes().zip(replayed.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let from = text.floor_char_boundary(at.saturating_sub(200));
        let to = text.floor_char_boundary((at + 200).min(text.len()));
        text[from..to].to_owned()
    };
    format!("live     …{}…\nreplayed …{}…", around(&live), around(&replayed))
}

fn live_groups(run: &Replayed) -> usize {
    let ids: std::collections::BTreeSet<IncidentId> =
        run.assignments.values().map(|one| one.incident).collect();
    ids.len()
}

#[derive(Debug, Clone)]
enum Step {
    Posts(Vec<(usize, usize, usize)>),
    Restart,
    /// So many hours pass.
    Hours(i64),
    Accept(usize),
    /// A body replies to a post.
    Reply(usize),
    Adopt(usize, usize),
    Close(usize),
    Join(usize, usize),
    Split(usize),
    NotSame(usize, usize),
    Keep(usize, usize),
    Drop(usize),
    Reopen(usize),
    UndoLast,
}

fn step() -> impl Strategy<Value = Step> {
    let parts = (0..PROBLEMS.len(), 0..PLACES.len(), 0..TAILS.len());
    prop_oneof![
        4 => prop::collection::vec(parts, 1..8).prop_map(Step::Posts),
        1 => Just(Step::Restart),
        1 => (24..90 * 24i64).prop_map(Step::Hours),
        1 => (1..72i64).prop_map(Step::Hours),
        2 => (0..40usize).prop_map(Step::Close),
        1 => (0..40usize).prop_map(Step::Reply),
        1 => (0..40usize, 0..40usize).prop_map(|(a, b)| Step::Adopt(a, b)),
        1 => (0..40usize).prop_map(Step::Accept),
        2 => (0..40usize, 0..40usize).prop_map(|(a, b)| Step::Join(a, b)),
        2 => (0..40usize).prop_map(Step::Split),
        1 => (0..40usize, 0..40usize).prop_map(|(a, b)| Step::NotSame(a, b)),
        1 => (0..40usize, 0..40usize).prop_map(|(a, b)| Step::Keep(a, b)),
        1 => (0..40usize).prop_map(Step::Drop),
        1 => (0..40usize).prop_map(Step::Reopen),
        1 => Just(Step::UndoLast),
    ]
}

fn decision(
    step: &Step,
    posts: &[Position],
    replies: &[Position],
    last: Option<Position>,
) -> Option<Decision> {
    let pick = |index: &usize| posts.get(index % posts.len().max(1)).copied();
    Some(match step {
        Step::Posts(_) | Step::Restart | Step::Hours(_) | Step::Reply(_) => return None,
        Step::Adopt(one, reply) => Decision::Adopt {
            post: pick(one)?,
            seen: replies.get(reply % replies.len().max(1)).copied()?,
            kind: AnswerKind::Final,
            deferred_until: None,
        },
        Step::Close(one) => Decision::Close {
            post: pick(one)?,
            outcome: Outcome::Solved,
            reason: "mended".to_owned(),
        },
        Step::Accept(one) => Decision::Accept { post: pick(one)?, changes: Changes::default() },
        Step::Join(a, b) => Decision::Join { into: pick(a)?, from: pick(b)? },
        Step::Split(one) => Decision::Split { posts: vec![pick(one)?] },
        Step::NotSame(a, b) => Decision::NotSame { one: pick(a)?, other: pick(b)? },
        Step::Keep(a, b) => Decision::KeepTogether { posts: vec![pick(a)?, pick(b)?] },
        Step::Drop(one) => Decision::Drop { post: pick(one)?, reason: "joke".to_owned() },
        Step::Reopen(one) => {
            Decision::Reopen { post: pick(one)?, reason: "still there".to_owned() }
        }
        Step::UndoLast => Decision::Undo { action: last? },
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_history_replays_to_the_same_bytes(steps in prop::collection::vec(step(), 1..14)) {
        let dir = tempfile::tempdir().unwrap();
        let start = "2026-11-20T20:00:00Z";
        let mut world = Pipeline::open(dir.path(), start);
        let mut now = world.now;
        let mut replies = Vec::new();
        let (mut posts, mut last, mut number) = (Vec::new(), None, 0);
        for step in &steps {
            match step {
                Step::Posts(parts) => {
                    let page = parts.iter().map(|(problem, place, tail)| {
                        number += 1;
                        complaint(number, *problem, *place, *tail, now)
                    });
                    let page: Vec<Post> = page.collect();
                    world.ingest(page.clone());
                    world.settle();
                    posts.extend(page.iter().map(|one| {
                        world.position(&one.key.network.0, &one.key.native_id)
                    }));
                }
                Step::Restart => {
                    drop(world);
                    world = Pipeline::open(dir.path(), start);
                    world.now = now;
                }
                Step::Reply(to) => {
                    // The complaint with that number may come later, or never.
                    let to = to + 1;
                    let network = ["vk", "telegram", "rss"][to % 3];
                    let id = format!("reply-{}", replies.len());
                    let text = "Здравствуйте! Работы назначены на завтра.";
                    let reply = Post {
                        author_id: None,
                        source: Some(SourceId("vk:wall:-210000014".to_owned())),
                        parent_id: Some(to.to_string()),
                        ..post(network, &id, text, &now.to_string())
                    };
                    world.ingest(vec![reply]);
                    world.settle();
                    replies.push(world.position(network, &id));
                }
                Step::Hours(hours) => {
                    now += SignedDuration::from_hours(*hours);
                    world.now = now;
                }
                _ => {
                    if let Some(decision) = decision(step, &posts, &replies, last) {
                        last = Some(world.act("ivanova", decision).0);
                    }
                }
            }
        }
        let replayed = check(&world);
        // Every matched post is in one incident at most, and in one that exists.
        for assignment in replayed.assignments.values() {
            prop_assert!(replayed.incidents.contains_key(&assignment.incident));
        }
    }
}
