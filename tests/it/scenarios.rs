//! The whole way on a virtual clock: posts in, incidents, people, answers.

use otklik::model::action::{Applied, Changes, Decision};
use otklik::model::answer::AnswerKind;
use otklik::model::incident::{IncidentId, Outcome, State};
use otklik::model::position::Position;
use otklik::model::post::Post;

use crate::world::pipeline::Pipeline;
use crate::world::posts::{at, post};

const TEN: &str = "2026-11-20T10:00:00Z";

fn three_about_one_lamp() -> Vec<Post> {
    vec![
        post(
            "vk",
            "1",
            "Не горит фонарь у дома 14 на улице Ленина в Вологде, темно хоть глаз выколи",
            "2026-11-20T09:50:00Z",
        ),
        post(
            "telegram",
            "2",
            "Вологда, Ленина 14: фонарь не работает уже неделю, дети идут из школы в темноте",
            "2026-11-20T09:55:00Z",
        ),
        post(
            "rss",
            "3",
            "У дома 14 по улице Ленина (Вологда) опять погас фонарь, когда починят?",
            "2026-11-20T09:58:00Z",
        ),
    ]
}

/// Goal: three posts of three networks are one incident within the minute.
/// Method: ingest at 10:00, settle, look at 10:01.
#[test]
fn three_networks_one_incident() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), TEN);
    world.ingest(three_about_one_lamp());
    world.at("2026-11-20T10:01:00Z");
    world.settle();
    let incidents = world.incidents();
    assert_eq!(incidents.len(), 1, "{incidents:#?}");
    let one = &incidents[0];
    assert_eq!((one.posts, one.authors, one.networks.len()), (3, 3, 3));
    assert_eq!(one.topic_group, "lighting");
    assert_eq!(one.place.settlement.as_deref(), Some("Вологда"));
    assert_eq!(one.body.0, "city-vologda");
    assert_eq!(one.opened_at, at(TEN));
    let reasons = world.store.read(|reader| reader.members(one.id)).unwrap();
    assert!(reasons.iter().skip(1).all(|member| !member.reason.parts.is_empty()));
}

/// Goal: a case walks from triage to a public answer, and the clock stops then.
/// Method: accept, take, draft, approve by a second person, publish, close.
#[test]
fn the_answer_stops_the_clock() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), TEN);
    world.ingest(three_about_one_lamp());
    world.settle();
    let first = world.position("vk", "1");
    let id = world.incident_of(first).unwrap();
    world.done("admin", Decision::Accept { post: first, changes: Changes::default() });
    let outbox = world.store.read(|reader| reader.outbox_of(id)).unwrap();
    assert!(!outbox.is_empty(), "the body is told");
    world.at("2026-11-20T12:00:00Z");
    world.done("coordinator", Decision::Take { post: first, official: None });
    let draft = Decision::Draft {
        post: first,
        kind: AnswerKind::Final,
        text: "Фонарь у дома 14 исправлен сегодня в 11:30.".to_owned(),
        deferred_until: None,
    };
    let answer = world.done("official", draft);
    let publish = Decision::Publish { post: first, answer, url: None };
    let (_, refused) = world.act("official", publish.clone());
    assert_eq!(refused, Applied::Refused { why: "refusal-not-approved".to_owned() });
    let own = world.act("official", Decision::Approve { post: first, answer }).1;
    assert_eq!(own, Applied::Refused { why: "refusal-own-draft".to_owned() });
    world.done("coordinator", Decision::Approve { post: first, answer });
    world.done("coordinator", publish);
    let answered = world.incident(id);
    assert_eq!(answered.state, State::AnsweredFinal);
    assert_eq!(answered.answered_at, Some(world.now));
    assert_eq!(answered.due_at(), None);
    let ladder = world.store.read(|reader| reader.ladder(id)).unwrap();
    assert!(ladder.iter().all(|(_, settled, _)| settled.is_some()), "{ladder:#?}");
    world.done(
        "coordinator",
        Decision::Close { post: first, outcome: Outcome::Solved, reason: String::new() },
    );
    assert_eq!(world.incident(id).state, State::Closed);
}

/// Goal: undoing a join is the identity on everything a person sees.
/// Method: two incidents with history, join, undo, compare both.
#[test]
fn join_and_undo_restore_everything() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), TEN);
    let mut posts = three_about_one_lamp();
    posts.push(post(
        "vk",
        "9",
        "В Череповце на проспекте Победы 100 не горит фонарь у остановки",
        TEN,
    ));
    world.ingest(posts);
    world.settle();
    let (lamp, other) = (world.position("vk", "1"), world.position("vk", "9"));
    let (a, b) = (world.incident_of(lamp).unwrap(), world.incident_of(other).unwrap());
    assert_ne!(a, b);
    world.done("admin", Decision::Accept { post: other, changes: Changes::default() });
    let before = (world.incident(a), world.incident(b));
    let join = world.done("admin", Decision::Join { into: lamp, from: other });
    assert_eq!(world.incident(a).posts, 4);
    assert_eq!(world.incident(b).state, State::Joined);
    assert_eq!(world.incident_of(other), Some(a));
    world.done("admin", Decision::Undo { action: join });
    assert_eq!((world.incident(a), world.incident(b)), before);
    assert_eq!(world.incident_of(other), Some(b));
}

/// Goal: a split is remembered, survives a restart, and can be undone.
/// Method: split one post off, reopen the store, send a near-copy, undo.
#[test]
fn a_split_is_remembered_and_undone() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), TEN);
    world.ingest(three_about_one_lamp());
    world.settle();
    let (one, two) = (world.position("vk", "1"), world.position("telegram", "2"));
    let whole = world.incident_of(one).unwrap();
    let before = world.incident(whole);
    let split = world.done("admin", Decision::Split { posts: vec![two] });
    let off = world.incident_of(two).unwrap();
    assert_ne!(off, whole);
    assert_eq!((world.incident(whole).posts, world.incident(off).posts), (2, 1));
    drop(world);
    let mut world = Pipeline::open(dir.path(), "2026-11-20T10:05:00Z");
    assert_eq!(world.incident_of(two), Some(off));
    world.done("admin", Decision::Undo { action: split });
    assert_eq!(world.incident_of(two), Some(whole));
    assert_eq!(world.incident(whole), before);
}

/// What the city's account writes under a post.
fn reply_of_the_city(id: &str, to: &str) -> Post {
    let text = "Здравствуйте! Фонарь у дома 14 заменят сегодня до 18:00.";
    Post {
        author_id: Some("-210000014".to_owned()),
        parent_id: Some(to.to_owned()),
        url: Some("https://vk.example/wall1?reply=9".to_owned()),
        ..post("vk", id, text, "2026-11-20T09:59:00Z")
    }
}

/// Goal: a body's reply under a post is seen, stops no clock, becomes the
/// answer when a person says so, and is only a reply again when that is undone.
/// Method: the reply comes before the post that it answers; adopt, undo,
/// restart, adopt again; another incident cannot have it.
#[test]
fn what_a_body_replies_is_seen_and_can_be_the_answer() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), TEN);
    world.ingest(vec![reply_of_the_city("9", "1")]);
    world.settle();
    assert!(world.incidents().is_empty(), "a reply opens nothing");
    world.ingest(three_about_one_lamp());
    let elsewhere = "В Череповце на проспекте Победы 100 не горит фонарь у остановки";
    world.ingest(vec![post("vk", "7", elsewhere, TEN)]);
    world.settle();
    let (first, other) = (world.position("vk", "1"), world.position("vk", "7"));
    let (reply, id) = (world.position("vk", "9"), world.incident_of(first).unwrap());
    let seen = world.store.read(|reader| reader.answers_seen(id)).unwrap();
    assert_eq!(
        seen.iter().map(|(one, to)| (one.position, *to)).collect::<Vec<_>>(),
        [(reply, first)]
    );
    assert_eq!(world.incident_of(reply), None, "a reply is no member");
    for post in [first, other] {
        world.done("x", Decision::Accept { post, changes: Changes::default() });
    }
    let before = world.incident(id);
    assert!(before.due_at().is_some(), "a reply stops no clock");
    let adopt =
        |post| Decision::Adopt { post, seen: reply, kind: AnswerKind::Final, deferred_until: None };
    let refused = Applied::Refused { why: "refusal-no-such-answer".to_owned() };
    assert_eq!(world.act("x", adopt(other)).1, refused);
    world.at("2026-11-20T11:00:00Z");
    let action = world.done("x", adopt(first));
    let answered = world.incident(id);
    assert_eq!((answered.state, answered.due_at()), (State::AnsweredFinal, None));
    assert_eq!(answered.answered_at, Some(at(TEN)), "public since the case is there");
    let answer = world.store.read(|reader| reader.answers(id)).unwrap().pop().unwrap();
    assert_eq!(answer.url.as_deref(), Some("https://vk.example/wall1?reply=9"));
    assert!(answer.published_at.is_some() && answer.text.contains("заменят сегодня"));
    world.done("x", Decision::Undo { action });
    assert_eq!(world.incident(id), before);
    assert!(world.store.read(|reader| reader.answers(id)).unwrap().is_empty());
    drop(world);
    let mut world = Pipeline::open(dir.path(), "2026-11-20T12:00:00Z");
    world.done("x", adopt(first));
    assert_eq!(world.incident(id).state, State::AnsweredFinal);
    let again = Applied::Refused { why: "refusal-already-published".to_owned() };
    assert_eq!(world.act("x", adopt(first)).1, again);
}

fn lamp_again(id: &str, at: &str) -> Post {
    let text = "Опять не горит фонарь у дома 14 на улице Ленина в Вологде, снова темно";
    post("telegram", id, text, at)
}

/// Three posts about a lamp become an incident that is closed as solved.
fn a_lamp_that_was_mended(world: &mut Pipeline) -> IncidentId {
    world.ingest(three_about_one_lamp());
    world.settle();
    let first = world.position("vk", "1");
    let outcome = Outcome::Solved;
    world.done("x", Decision::Close { post: first, outcome, reason: "заменили".to_owned() });
    world.incident_of(first).unwrap()
}

/// What a post that comes at an instant, after a restart or without, repeats.
fn repeated_at(when: &str, restart: bool, close: fn(&mut Pipeline) -> IncidentId) -> Option<u64> {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), TEN);
    let closed = close(&mut world);
    if restart {
        drop(world);
        world = Pipeline::open(dir.path(), when);
    }
    world.at(when);
    world.ingest(vec![lamp_again("50", when)]);
    world.settle();
    let id = world.incident_of(world.position("telegram", "50")).unwrap();
    assert_ne!(id, closed, "a closed incident takes no posts");
    let reason = world.store.read(|reader| reader.members(id)).unwrap()[0].reason.clone();
    let said = reason.repeat.map(|repeat| repeat.incident);
    let repeat_of = world.incident(id).repeat_of;
    assert_eq!(said, repeat_of, "what is concluded has its reason");
    repeat_of.map(|of| of.0)
}

/// Goal: a problem that comes back after the window of its topic and within half
/// a year is a repeat, whether or
/// not the process was restarted; later, or after «no problem», it is not.
/// Method: close at 10:00, send the same complaint at several instants.
#[test]
fn what_comes_back_is_a_repeat() {
    let rejected = |world: &mut Pipeline| {
        world.ingest(three_about_one_lamp());
        world.settle();
        let first = world.position("vk", "1");
        world.done("x", Decision::Drop { post: first, reason: "no_problem".to_owned() });
        world.incident_of(first).unwrap()
    };
    for restart in [false, true] {
        let again = |when: &str| repeated_at(when, restart, a_lamp_that_was_mended);
        assert_eq!(again("2026-12-05T08:00:00Z"), Some(1), "restart: {restart}");
        assert_eq!(again("2026-12-20T08:00:00Z"), Some(1), "restart: {restart}");
        assert_eq!(again("2027-03-01T08:00:00Z"), Some(1), "beyond the window, {restart}");
        assert_eq!(again("2027-05-19T09:57:59Z"), Some(1), "180 days less a second, {restart}");
        assert_eq!(again("2027-05-19T09:58:01Z"), None, "180 days and a second, {restart}");
        assert_eq!(repeated_at("2026-11-21T08:00:00Z", restart, rejected), None);
    }
}

/// Goal: another place or another matter is no repeat.
#[test]
fn what_is_elsewhere_or_another_matter_is_no_repeat() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), TEN);
    a_lamp_that_was_mended(&mut world);
    let later = "2026-12-20T08:00:00Z";
    world.at(later);
    let others = [
        ("71", "Не горит фонарь у дома 3 на улице Герцена в Вологде, темно хоть глаз выколи"),
        ("72", "Не горит фонарь на улице Ленина 14 в Череповце, темно хоть глаз выколи"),
        ("73", "Огромная яма на дороге у дома 14 на улице Ленина в Вологде, почините!"),
    ];
    for (id, text) in others {
        world.ingest(vec![post("vk", id, text, later)]);
        world.settle();
        let id = world.incident_of(world.position("vk", id)).unwrap();
        assert_eq!(world.incident(id).repeat_of, None, "{text}");
    }
}

/// Goal: an incident that is opened again takes posts again, after a restart too.
#[test]
fn a_reopened_incident_takes_posts() {
    for restart in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let mut world = Pipeline::open(dir.path(), TEN);
        let id = a_lamp_that_was_mended(&mut world);
        let first = world.position("vk", "1");
        world.done("x", Decision::Reopen { post: first, reason: "снова".to_owned() });
        if restart {
            drop(world);
            world = Pipeline::open(dir.path(), TEN);
        }
        let later = "2026-11-20T12:00:00Z";
        world.at(later);
        world.ingest(vec![lamp_again("50", later)]);
        world.settle();
        assert_eq!(world.incident_of(world.position("telegram", "50")), Some(id));
    }
}

/// Goal: a comment that tells a matter of its own at a place of its own is not
/// about what stands above it; one that goes on with it is.
#[test]
fn a_comment_about_something_else_is_an_incident_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), TEN);
    let dogs = "В Вологде стая бездомных собак кидается на детей, когда приедет отлов?";
    world.ingest(vec![post("vk", "1", dogs, TEN)]);
    world.settle();
    let above = world.incident_of(world.position("vk", "1")).unwrap();
    let mut told = |id: &str, text: &str| {
        let comment = Post { parent_id: Some("1".to_owned()), ..post("vk", id, text, TEN) };
        world.ingest(vec![comment]);
        world.settle();
        let id = world.incident_of(world.position("vk", id)).unwrap();
        (id == above, world.incident(id))
    };
    let (stays, own) = told("2", "Кирова 50, тепла нет, батареи ледяные, мёрзнем");
    assert!(!stays, "{}", own.title);
    assert_eq!(own.topic_group, "heating");
    assert_eq!(own.place.street.as_deref(), Some("Кирова"));
    assert_eq!(own.place.settlement.as_deref(), Some("Вологда"), "where the thread is");
    assert!(told("3", "И у нас бездомные собаки кидаются, когда приедет отлов?").0);
    assert!(told("4", "На улице Мира 5 тоже стая бездомных собак, страшно ходить").0);
}

/// Goal: decisions on what does not exist or is over are refused, not lost.
#[test]
fn refusals_are_answers() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), TEN);
    world.ingest(three_about_one_lamp());
    world.settle();
    let first = world.position("vk", "1");
    let refused = |applied: Applied| match applied {
        Applied::Refused { why } => why,
        Applied::Done => panic!("done"),
    };
    let take = Decision::Take { post: first, official: None };
    assert_eq!(refused(world.act("x", take).1), "refusal-not-yet-assigned");
    let nobody = Decision::Take { post: Position(9_999), official: None };
    assert_eq!(refused(world.act("x", nobody).1), "refusal-no-such-incident");
    let drop = Decision::Drop { post: first, reason: "duplicate".to_owned() };
    world.done("x", drop.clone());
    assert_eq!(refused(world.act("x", drop).1), "refusal-already-closed");
}
