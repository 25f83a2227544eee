//! What is told again soon after its closing opens the closed incident; later it
//! founds one that repeats it. On a virtual clock, with restarts and replays.

use jiff::SignedDuration;
use otklik::model::action::{Changes, Decision};
use otklik::model::answer::AnswerKind;
use otklik::model::clock::ClockKind;
use otklik::model::incident::{AssignmentKind, Incident, IncidentId, Outcome, Reason, State};
use otklik::model::notice::NoticeKind;
use otklik::model::position::Position;
use otklik::model::post::{Network, Post, PostKey};
use otklik::model::time::Timestamp;
use otklik::pipeline::replay::{as_it_was, live};

use crate::world::pipeline::Pipeline;
use crate::world::posts::post;

const START: &str = "2026-11-20T10:00:00Z";
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Two people's words for one matter.
type Matter = [&'static str; 2];

const HEATING: Matter = [
    "В доме 14 на улице Ленина в Вологде нет отопления, батареи ледяные",
    "Вологда, улица Ленина 14: снова нет отопления, батареи ледяные, мёрзнем",
];
const PIT: Matter = [
    "Огромная яма на дороге, улица Мира 12 в Вологде, почините!",
    "Снова огромная яма на дороге у дома 12 на улице Мира, Вологда, почините!",
];
const BILLS: Matter = [
    "Вологда, улица Мира 12: неверно начислили плату за отопление, перерасчёта нет",
    "Снова неверно начислили плату за отопление, Вологда, улица Мира 12, где перерасчёт?",
];

struct World {
    dir: tempfile::TempDir,
    pipeline: Pipeline,
    first: Position,
    id: IncidentId,
}

impl World {
    /// A matter that was told, given to a body and closed at ten.
    fn closed(matter: Matter) -> World {
        let mut world = World::told(matter);
        world.close(Outcome::Solved);
        world
    }

    fn told(matter: Matter) -> World {
        let dir = tempfile::tempdir().unwrap();
        let mut pipeline = Pipeline::open(dir.path(), START);
        pipeline.ingest(vec![post("vk", "1", matter[0], "2026-11-20T09:00:00Z")]);
        pipeline.settle();
        let first = pipeline.position("vk", "1");
        let id = pipeline.incident_of(first).unwrap();
        if pipeline.incident(id).state == State::New {
            pipeline.done("x", Decision::Accept { post: first, changes: Changes::default() });
        }
        World { dir, pipeline, first, id }
    }

    fn close(&mut self, outcome: Outcome) -> Position {
        let reason = "сделали".to_owned();
        self.pipeline.done("x", Decision::Close { post: self.first, outcome, reason })
    }

    fn restart(self) -> World {
        let World { dir, pipeline, first, id } = self;
        let now = pipeline.now;
        drop(pipeline);
        let mut pipeline = Pipeline::open(dir.path(), START);
        pipeline.now = now;
        World { dir, pipeline, first, id }
    }

    /// Something is written so many seconds after ten and seen at once.
    fn hear(&mut self, id: &str, text: &str, after_secs: i64) -> Position {
        let at = instant(after_secs);
        self.send(post("telegram", id, text, &at.to_string()), after_secs)
    }

    /// A post is seen so many seconds after ten.
    fn send(&mut self, post: Post, seen_after_secs: i64) -> Position {
        self.pipeline.now = instant(seen_after_secs);
        let key = post.key.clone();
        self.pipeline.ingest(vec![post]);
        self.pipeline.settle();
        self.pipeline.position(&key.network.0, &key.native_id)
    }

    fn incident(&self) -> Incident {
        self.pipeline.incident(self.id)
    }

    /// Where a post is, and why.
    fn reason(&self, post: Position) -> (Incident, Reason) {
        let memberships = self.pipeline.store.read(|reader| reader.memberships(post)).unwrap();
        let now = memberships.into_iter().find(|(_, _, ended)| ended.is_none());
        let (id, reason, _) = now.unwrap();
        (self.pipeline.incident(id), reason)
    }

    fn check_opened(&self, by: Position) {
        let (incident, reason) = self.reason(by);
        assert_eq!(incident.id, self.id, "{reason:#?}");
        assert_eq!((incident.state, incident.reopened), (State::InWork, 1));
        assert_eq!((incident.closed_at, incident.outcome), (None, None));
        assert!(reason.reopens.is_some());
    }

    fn check_repeated(&self, by: Position) {
        let (incident, reason) = self.reason(by);
        assert_eq!(incident.repeat_of, Some(self.id), "{reason:#?}");
        assert_eq!(reason.reopens, None);
        assert_eq!(self.incident().state, State::Closed);
    }

    fn check_replay(&self) {
        let read = self.pipeline.store.read(|reader| Ok((live(reader)?, as_it_was(reader))));
        let (live, replayed) = read.unwrap();
        let replayed = replayed.unwrap();
        assert_eq!(live.incidents, replayed.incidents);
        assert_eq!(live.assignments, replayed.assignments);
    }
}

fn instant(after_secs: i64) -> Timestamp {
    START.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(after_secs)
}

/// Goal: each topic has its window, to the second, restarted or not.
/// Method: close at ten; tell it again a second before and after the window ends.
#[test]
fn who_tells_it_again_within_the_window_opens_it() {
    let windows = [
        (HEATING, DAY, true),
        (HEATING, DAY, false),
        (PIT, 21 * DAY, true),
        (BILLS, 30 * DAY, false),
    ];
    for (matter, window, restart) in windows {
        for (after, opens) in [(window - 1, true), (window + 1, false)] {
            let mut world = World::closed(matter);
            if restart {
                world = world.restart();
            }
            let again = world.hear("2", matter[1], after);
            if opens {
                world.check_opened(again);
                let reopens = world.reason(again).1.reopens.unwrap();
                assert_eq!(reopens.after_secs, after);
                assert_eq!(i64::from(reopens.within_hours) * HOUR, window);
                assert_eq!(reopens.outcome, Outcome::Solved);
            } else {
                world.check_repeated(again);
            }
            world.check_replay();
        }
    }
}

/// Goal: what is open again takes posts, can be closed, and be opened once more.
#[test]
fn what_was_opened_again_lives_on() {
    let mut world = World::closed(HEATING);
    let again = world.hear("2", HEATING[1], HOUR);
    world.check_opened(again);
    world = world.restart();
    let third = world.hear("3", "Ленина 14 в Вологде, отопления нет, батареи ледяные", 2 * HOUR);
    let (incident, reason) = world.reason(third);
    assert_eq!((incident.id, incident.reopened, reason.reopens), (world.id, 1, None));
    world.close(Outcome::Explained);
    assert_eq!(world.incident().reopening, None);
    let fourth = world.hear("4", HEATING[1], 3 * HOUR);
    let (incident, _) = world.reason(fourth);
    assert_eq!((incident.id, incident.reopened), (world.id, 2));
    world.check_replay();
}

/// Goal: only words said after the closing speak of what was done.
/// Method: words that were written before it, or shared again by the network.
#[test]
fn what_was_said_before_the_closing_opens_nothing() {
    let mut world = World::closed(HEATING);
    let before = instant(-60).to_string();
    let late = world.send(post("telegram", "2", HEATING[1], &before), HOUR);
    world.check_repeated(late);

    let mut world = World::closed(HEATING);
    let original = PostKey { network: Network("vk".to_owned()), native_id: "1".to_owned() };
    let shared = Post {
        is_repost_of: Some(original),
        ..post("vk", "2", HEATING[0], &instant(HOUR).to_string())
    };
    let shared = world.send(shared, HOUR);
    world.check_repeated(shared);
}

/// Goal: what has no date is taken as said when it was seen.
#[test]
fn an_undated_post_counts_from_when_it_was_seen() {
    for (after, opens) in [(DAY - 1, true), (DAY + 1, false)] {
        let mut world = World::closed(HEATING);
        let epoch = Timestamp::UNIX_EPOCH.to_string();
        let undated = world.send(post("web", "2", HEATING[1], &epoch), after);
        if opens {
            world.check_opened(undated);
        } else {
            assert_ne!(world.reason(undated).0.id, world.id);
        }
    }
}

/// Goal: what was no problem at all is not opened by anybody's words.
#[test]
fn what_was_rejected_stays_closed() {
    let drop = |world: &mut World| {
        let reason = "no_problem".to_owned();
        world.pipeline.done("x", Decision::Drop { post: world.first, reason });
    };
    let reject = |world: &mut World| {
        world.close(Outcome::Rejected);
    };
    for end in [drop as fn(&mut World), reject] {
        let mut world = World::told(HEATING);
        end(&mut world);
        let again = world.hear("2", HEATING[1], HOUR);
        assert_ne!(world.reason(again).0.id, world.id);
        assert_eq!(world.reason(again).0.repeat_of, None);
        assert_eq!(world.incident().state, State::Closed);
    }
}

/// Goal: another place or another matter opens nothing.
#[test]
fn another_place_or_matter_opens_nothing() {
    for text in [
        "Вологда, улица Ленина 27: снова нет отопления, батареи ледяные, мёрзнем",
        "Огромная яма на дороге у дома 14 на улице Ленина в Вологде, почините!",
    ] {
        let mut world = World::closed(HEATING);
        let other = world.hear("2", text, HOUR);
        assert_ne!(world.reason(other).0.id, world.id, "{text}");
        assert_eq!(world.incident().state, State::Closed, "{text}");
    }
}

/// Goal: a comment under a post of a closed incident belongs to it, though it
/// names no place; so does a long copy.
#[test]
fn whoever_answers_or_copies_a_post_opens_its_incident() {
    let under = |after: i64| Post {
        parent_id: Some("1".to_owned()),
        ..post("vk", "2", "Отопления как не было, так и нет!", &instant(after).to_string())
    };
    let mut world = World::closed(HEATING);
    let reply = world.send(under(HOUR), HOUR);
    world.check_opened(reply);
    assert_eq!(world.reason(reply).1.kind, AssignmentKind::Thread);
    let mut world = World::closed(HEATING);
    let late = world.send(under(DAY + 1), DAY + 1);
    world.check_repeated(late);

    let mut world = World::closed(HEATING);
    let copy = world.hear("2", HEATING[0], HOUR);
    world.check_opened(copy);
    assert_eq!(world.reason(copy).1.kind, AssignmentKind::Family);
}

/// Goal: the clock runs as after a person's reopening, and the body is told once.
/// Method: the same incident opened by a person and by a post at one instant.
#[test]
fn the_clock_runs_as_after_a_persons_reopening() {
    let answered = || {
        let mut world = World::told(HEATING);
        let post = world.first;
        let text = "Отопление включили.".to_owned();
        let kind = AnswerKind::Final;
        world.pipeline.done("x", Decision::Take { post, official: None });
        let draft = Decision::Draft { post, kind, text, deferred_until: None };
        let answer = world.pipeline.done("y", draft);
        world.pipeline.done("x", Decision::Approve { post, answer });
        world.pipeline.done("x", Decision::Publish { post, answer, url: None });
        world
    };
    for open in [answered, || World::told(HEATING)] {
        let (mut by_person, mut by_post) = (open(), open());
        for world in [&mut by_person, &mut by_post] {
            world.close(Outcome::Solved);
        }
        by_person.pipeline.now = instant(HOUR);
        let reason = "снова".to_owned();
        by_person.pipeline.done("x", Decision::Reopen { post: by_person.first, reason });
        by_post.hear("2", HEATING[1], HOUR);
        let (one, other) = (by_person.incident(), by_post.incident());
        assert_eq!(one.running_clock(), other.running_clock());
        assert_eq!(one.due_at(), other.due_at());
        let ladder = |world: &World| world.pipeline.store.read(|reader| reader.ladder(world.id));
        assert_eq!(ladder(&by_person).unwrap(), ladder(&by_post).unwrap());
        let answered = other.answered_at.is_some();
        let clock = if answered { ClockKind::FinalAnswer } else { ClockKind::FirstAnswer };
        assert_eq!(other.running_clock(), Some(clock));
        let rows = by_post.pipeline.store.read(|reader| reader.outbox_of(by_post.id)).unwrap();
        let told = rows.iter().filter(|row| row.notice.kind == NoticeKind::Reopened);
        let channels = rows.iter().filter(|row| row.notice.kind == NoticeKind::Assigned);
        assert_eq!(told.count(), channels.count(), "once a channel");
    }
}

/// Goal: taking the closing back is as if there had been none.
/// Method: the same posts with a closing that is undone, and without any.
#[test]
fn an_undone_closing_was_never_opened_again() {
    let mut plain = World::told(HEATING);
    let (mut undone, close) = {
        let mut world = World::told(HEATING);
        let close = world.close(Outcome::Solved);
        (world, close)
    };
    for world in [&mut plain, &mut undone] {
        world.hear("2", HEATING[1], HOUR);
    }
    assert_eq!(undone.incident().reopened, 1);
    undone.pipeline.done("x", Decision::Undo { action: close });
    assert_eq!(plain.incident().posts, 2);
    assert_eq!(undone.incident(), plain.incident());
    undone.check_replay();
}

/// Goal: taking out the post that opened it gives back what was, to the letter,
/// and taking that back opens it again; after a restart too.
#[test]
fn without_the_post_that_opened_it_it_is_closed_as_before() {
    for restart in [false, true] {
        let mut world = World::closed(HEATING);
        let closed = world.incident();
        let again = world.hear("2", HEATING[1], HOUR);
        let open = world.incident();
        if restart {
            world = world.restart();
        }
        let split = world.pipeline.done("x", Decision::Split { posts: vec![again] });
        assert_eq!(world.incident(), closed);
        let (apart, _) = world.reason(again);
        assert_eq!((apart.state, apart.repeat_of, apart.reopened), (State::New, None, 0));
        assert_eq!(apart.reopening, None);
        if restart {
            world = world.restart();
        }
        world.pipeline.done("x", Decision::Undo { action: split });
        assert_eq!(world.incident(), open);
        world.check_replay();
    }
}

/// Goal: what others told after it, or people decided since, keeps it open.
#[test]
fn it_stays_open_where_more_than_that_post_speaks_for_it() {
    let third = "Ленина 14 в Вологде, отопления нет, батареи ледяные";
    let mut world = World::closed(HEATING);
    let again = world.hear("2", HEATING[1], HOUR);
    let more = world.hear("3", third, 2 * HOUR);
    assert_eq!(world.reason(more).0.id, world.id);
    world.pipeline.done("x", Decision::Split { posts: vec![again] });
    assert_eq!(world.incident().state, State::InWork, "another tells it too");

    let mut world = World::closed(HEATING);
    let again = world.hear("2", HEATING[1], HOUR);
    let more = world.hear("3", third, 2 * HOUR);
    world.pipeline.done("x", Decision::Split { posts: vec![again, more] });
    assert_eq!(world.incident().state, State::Closed, "nothing said after the closing is left");

    let mut world = World::closed(HEATING);
    let again = world.hear("2", HEATING[1], HOUR);
    let title = Some("Холодный дом".to_owned());
    let changes = Changes { title, ..Changes::default() };
    world.pipeline.done("x", Decision::Correct { post: again, changes });
    world.pipeline.done("x", Decision::Split { posts: vec![again] });
    assert_eq!(world.incident().state, State::InWork, "a person works on it");
    world.check_replay();
}

/// Goal: two closed incidents that people told apart are both doubtful where a post
/// fits them alike, and a thread decides between them.
#[test]
fn not_the_same_is_obeyed() {
    let third = "Ленина 14 в Вологде, отопления нет, батареи ледяные";
    for under_the_second in [false, true] {
        let mut world = World::told(HEATING);
        let second = world.hear("2", HEATING[1], 60);
        assert_eq!(world.reason(second).0.id, world.id);
        world.pipeline.done("x", Decision::Split { posts: vec![second] });
        let apart = world.reason(second).0.id;
        for post in [world.first, second] {
            let (outcome, reason) = (Outcome::Solved, "сделали".to_owned());
            world.pipeline.done("x", Decision::Close { post, outcome, reason });
        }
        let parent_id = under_the_second.then(|| "2".to_owned());
        let at = instant(HOUR).to_string();
        let told = world.send(Post { parent_id, ..post("telegram", "3", third, &at) }, HOUR);
        let (incident, reason) = world.reason(told);
        if under_the_second {
            assert_eq!((incident.id, reason.kind), (apart, AssignmentKind::Thread));
            assert!(reason.reopens.is_some());
        } else {
            assert!(![world.id, apart].contains(&incident.id), "{reason:#?}");
            assert!(incident.repeat_of.is_some());
        }
    }
}

/// Goal: «not the same» breaks the link of a repetition; taken back it is what it
/// was, whatever else was decided and taken back meanwhile, restarted or not.
#[test]
fn not_the_same_breaks_a_repetition() {
    let mut world = World::closed(HEATING);
    let late = world.hear("2", HEATING[1], DAY + 1);
    let again = world.reason(late).0;
    assert_eq!(again.repeat_of, Some(world.id));
    let apart =
        |world: &mut World, one, other| world.pipeline.done("x", Decision::NotSame { one, other });
    let undo = |world: &mut World, action| {
        world.pipeline.done("x", Decision::Undo { action });
    };
    let first = world.first;
    let said = apart(&mut world, late, first);
    assert_eq!(world.reason(late).0.repeat_of, None);
    world.check_replay();
    world = world.restart();
    // The other way round, and once more: it is broken as long as one of them stands.
    let said_too = apart(&mut world, first, late);
    let title = Some("Холодный дом".to_owned());
    let changes = Changes { title, ..Changes::default() };
    let corrected = world.pipeline.done("x", Decision::Correct { post: late, changes });
    undo(&mut world, said_too);
    assert_eq!(world.reason(late).0.repeat_of, None);
    undo(&mut world, corrected);
    undo(&mut world, said);
    let now = world.reason(late).0;
    assert_eq!((now.repeat_of, now.told_apart), (again.repeat_of, None));
    assert_eq!(now, again);
    // A decision from before knows nothing of what was said since.
    let said = apart(&mut world, first, late);
    let changes = Changes { title: Some("Дом".to_owned()), ..Changes::default() };
    let corrected = world.pipeline.done("x", Decision::Correct { post: late, changes });
    undo(&mut world, said);
    undo(&mut world, corrected);
    assert_eq!(world.reason(late).0, again);
    world.check_replay();
}
