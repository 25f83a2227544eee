//! The outbox is emptied without the dead delaying the living; ladders fire
//! once, also after a standstill; the watchdog sees what does not happen.

use std::sync::Arc;
use std::time::Duration;

use otklik::adapters::channel::Channels;
use otklik::adapters::channel::email::{Email, EmailOptions, EmailTls};
use otklik::adapters::channel::webhook::{Webhook, WebhookOptions};
use otklik::adapters::ruleset_files;
use otklik::adapters::store::Store;
use otklik::adapters::store::commands::{
    ActivateRuleset, Advance, Clustered, Command, Made, Proposed,
};
use otklik::adapters::store::read::JournalFilter;
use otklik::model::body::{BodyId, Channel};
use otklik::model::clock::{ClockKind, LadderStep, Notify, StepAt};
use otklik::model::incident::{Incident, IncidentId, Route, State};
use otklik::model::notice::{Notice, NoticeKind, OutboxRow, SendState};
use otklik::model::place::Place;
use otklik::model::position::Position;
use otklik::model::region::TerritoryId;
use otklik::model::time::{Clock, Timestamp};
use otklik::model::topic::{Scale, TopicId};
use otklik::pipeline::dispatch::{BackOff, DispatchOptions, DispatchStage};
use otklik::pipeline::escalate::{EscalateOptions, EscalateStage, Watchdog};
use otklik::rules::deadline::{deadline, ladder};
use otklik::rules::ruleset::{Ruleset, parse};
use otklik::rules::wording::{Lang, Wording};
use tokio::sync::watch;

use crate::world::clock::SetClock;
use crate::world::posts::at;
use crate::world::receiver::Receiver;
use crate::world::smtp::{MailServer, hanging_server};

const OPENED: &str = "2026-11-20T10:00:00Z";

struct World {
    _dir: tempfile::TempDir,
    store: Store,
    clock: Arc<SetClock>,
    ruleset: watch::Sender<Arc<Ruleset>>,
    folded: Position,
}

impl World {
    fn new() -> World {
        let files = ruleset_files::shipped("vologda").unwrap();
        let ruleset = parse(&files, ruleset_files::hash(&files)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let (hash, at) = (ruleset.hash.clone(), at(OPENED));
        write(&store, Command::ActivateRuleset(ActivateRuleset { hash, files, at }));
        let clock = Arc::new(SetClock::at(OPENED));
        let folded = Position::default();
        World { _dir: dir, store, clock, ruleset: watch::channel(Arc::new(ruleset)).0, folded }
    }

    /// An incident of the city with its clock and this ladder, and notices to send.
    fn conclude(&mut self, incident: Incident, steps: &[LadderStep], outbox: Vec<Notice>) {
        let ruleset = self.ruleset.borrow().clone();
        let (run, hash) = self.store.read(|reader| reader.current_run()).unwrap().unwrap();
        let first = deadline(
            ClockKind::FirstAnswer,
            incident.terms.first_answer,
            incident.opened_at,
            &[],
            &ruleset.region.calendar,
        );
        let to = Position(self.folded.0 + 1);
        let advance = Advance { from: self.folded, to };
        self.folded = to;
        let done = Clustered {
            advance,
            made: Made { run, ruleset: hash },
            ladders: vec![(incident.id, ladder(steps, &[first]))],
            incidents: vec![(to, incident)],
            membership: Vec::new(),
            suggestions: Vec::new(),
            settled: Vec::new(),
            forbidden: Vec::new(),
            allowed: Vec::new(),
            answers: Vec::new(),
            applied: Vec::new(),
            undone: Vec::new(),
            stopped: Vec::new(),
            outbox: outbox.into_iter().map(|notice| (at(OPENED), notice)).collect(),
            rarity: None,
            proposed: Proposed::default(),
        };
        write(&self.store, Command::Clustered(Box::new(done)));
    }

    fn incident(&self, id: u64) -> Incident {
        let ruleset = self.ruleset.borrow().clone();
        let terms = ruleset.region.terms[0].clone();
        let topic = &ruleset.groups[0].topics[0];
        Incident {
            id: IncidentId(id),
            founding_post: Position(1),
            state: State::New,
            title: "Марина К. пишет: звоните 8-900-000-00-00".to_owned(),
            topic: TopicId(topic.id.0.clone()),
            topic_group: ruleset.groups[0].id.clone(),
            place: Place {
                territory: Some(TerritoryId("cherepovets".to_owned())),
                settlement: Some("Череповец".to_owned()),
                street_kind: Some("проспект".to_owned()),
                street: Some("Победы".to_owned()),
                ..Place::default()
            },
            scale: Scale::Local,
            risk: 2,
            confidence: 0.8,
            route: Route {
                body: BodyId(city(&ruleset)),
                branch: vec!["root".to_owned()],
                only_root: true,
            },
            body: BodyId(city(&ruleset)),
            official: None,
            terms,
            terms_version: String::new(),
            opened_at: at(OPENED),
            first_answer_due_at: at("2026-11-21T10:00:00Z"),
            final_answer_due_at: None,
            accepted_at: None,
            take_due_at: None,
            taken_at: None,
            answered_at: None,
            closed_at: None,
            outcome: None,
            outcome_reason: String::new(),
            joined_into: None,
            repeat_of: None,
            told_apart: None,
            reopening: None,
            reopened: 0,
            returned: 0,
            networks: Vec::new(),
            posts: 3,
            authors: 2,
            reach: 900,
            copies: 0,
            campaign: None,
            last_written_at: at(OPENED),
        }
    }

    fn dispatch(&self, mail_port: u16, back_off: BackOff) -> DispatchStage {
        let email = Email::new(&EmailOptions {
            host: "127.0.0.1".to_owned(),
            port: mail_port,
            tls: EmailTls::None,
            ca_file: None,
            login: None,
            password_file: None,
            from: "otklik@region.example".to_owned(),
            timeout: Duration::from_secs(10),
        });
        let webhook = Webhook::new(&WebhookOptions {
            private_hosts: vec!["127.0.0.1".to_owned()],
            timeout: Duration::from_secs(2),
        });
        DispatchStage::new(
            self.store.clone(),
            self.clock.clone(),
            Channels { email: Some(email.unwrap()), webhook: webhook.unwrap() },
            Arc::new(Wording::new()),
            self.ruleset.subscribe(),
            DispatchOptions {
                back_off,
                base_url: "https://otklik.example/".to_owned(),
                lang: Lang::Ru,
            },
        )
    }

    fn escalate(&self, options: EscalateOptions) -> EscalateStage {
        EscalateStage::new(self.store.clone(), self.ruleset.subscribe(), options)
    }

    fn rows(&self, of: u64) -> Vec<OutboxRow> {
        self.store.read(|reader| reader.outbox_of(IncidentId(of))).unwrap()
    }
}

/// On a thread of its own: the store refuses to block one that drives tasks.
fn write(store: &Store, command: Command) {
    std::thread::scope(|scope| scope.spawn(|| store.write(command).unwrap()).join().unwrap());
}

fn city(ruleset: &Ruleset) -> String {
    let of_city = |territory: &TerritoryId| territory.0 == "cherepovets";
    let mut bodies = ruleset.region.bodies.iter();
    bodies.find(|body| body.territory.as_ref().is_some_and(of_city)).unwrap().id.0.clone()
}

fn notice(recipient: &str, channel: Channel, version: &str) -> Notice {
    Notice {
        incident: IncidentId(1),
        recipient: recipient.to_owned(),
        channel,
        kind: NoticeKind::Assigned,
        version: version.to_owned(),
    }
}

fn mail(address: &str) -> Channel {
    Channel::Email { address: address.to_owned() }
}

fn hook(url: &str) -> Channel {
    Channel::Webhook { url: url.to_owned(), secret_file: None }
}

fn step(id: &str, at: StepAt, notify: Notify) -> LadderStep {
    LadderStep { id: id.to_owned(), clock: ClockKind::FirstAnswer, at, notify }
}

/// Goal: a receiver that hangs does not delay another one.
/// Method: the hanging one is first in the outbox, with many rows.
#[tokio::test]
async fn the_dead_do_not_delay_the_living() {
    let mut world = World::new();
    let server = MailServer::start();
    let hanging = format!("http://127.0.0.1:{}/in", hanging_server());
    let mut outbox: Vec<Notice> =
        (0..1_500).map(|n| notice("body:dead", hook(&hanging), &n.to_string())).collect();
    outbox.push(notice("body:city", mail("priem@city.example"), "1"));
    let incident = world.incident(1);
    world.conclude(incident, &[], outbox);
    let stage = world.dispatch(server.port, BackOff::default());
    let mut commits = world.store.commits();
    commits.borrow_and_update();
    stage.clone().step(at(OPENED)).await.unwrap();
    // The first commit is the letter's: the hanging receiver is still waited for.
    commits.changed().await.unwrap();
    let sent: Vec<OutboxRow> =
        world.rows(1).into_iter().filter(|row| row.state == SendState::Sent).collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].notice.recipient, "body:city");
    let text = server.letters().remove(0).body;
    for part in ["Череповец, проспект Победы", "21 ноября, 13:00", "3 сообщения от 2 авторов"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("https://otklik.example/incidents/1"), "{text}");
    assert!(!text.contains("Марина") && !text.contains("8-900"), "{text}");
    stage.finish().await;
    let tried = world.rows(1).into_iter().filter(|row| row.attempts > 0).count();
    assert_eq!(tried, 2, "one attempt at the dead receiver ends its turn");
}

/// Goal: attempts grow apart, end, and are all kept as facts.
/// Method: a receiver that fails; the clock is set to each next attempt.
#[tokio::test]
async fn who_gives_up_is_on_the_list_of_stuck_ones() {
    let mut world = World::new();
    let receiver = Receiver::start(500, &[]).await;
    let refusing = Receiver::start(404, &[]).await;
    let outbox = vec![
        notice("body:one", hook(&receiver.url), "1"),
        notice("body:two", hook(&refusing.url), "1"),
    ];
    let incident = world.incident(1);
    world.conclude(incident, &[], outbox);
    let back_off = BackOff {
        attempts: 3,
        first_wait: Duration::from_secs(60),
        factor: 10,
        cap: Duration::from_secs(300),
    };
    let stage = world.dispatch(1, back_off);
    let mut waits = Vec::new();
    for _ in 0..10 {
        let Some(next) = next_attempt(&world) else { break };
        waits.push(next.duration_since(world.clock.now()).as_secs());
        world.clock.set(next);
        stage.clone().step(next).await.unwrap();
        stage.finish().await;
    }
    assert_eq!(waits, [0, 60, 300]);
    let rows = world.rows(1);
    assert!(rows.iter().all(|row| row.state == SendState::Stuck), "{rows:?}");
    let deliveries = |row: &OutboxRow| {
        let key = row.notice.key();
        let rows = world.store.read(|reader| reader.deliveries(&key)).unwrap();
        rows.into_iter().map(|row| row.result).collect::<Vec<_>>()
    };
    assert_eq!(deliveries(&rows[0]), ["retry", "retry", "gave_up"]);
    assert_eq!(deliveries(&rows[1]), ["refused"]);
    assert_eq!((receiver.received().len(), refusing.received().len()), (3, 1));
    let key = |at: usize| receiver.received()[at].headers["idempotency-key"].clone();
    assert_eq!(key(0), key(2));
}

fn next_attempt(world: &World) -> Option<Timestamp> {
    let waiting = world.rows(1).into_iter().filter(|row| row.state == SendState::Waiting);
    waiting.map(|row| row.next_attempt_at).min()
}

fn fired(world: &World, of: u64) -> Vec<(String, String)> {
    let rows = world.rows(of).into_iter();
    rows.map(|row| (row.notice.recipient, row.notice.kind.as_str().to_owned())).collect()
}

/// Goal: what fell due while nothing ran fires once when it runs again.
/// Method: two hours without a tick, then many ticks at one instant.
#[test]
fn each_step_fires_once_also_after_a_standstill() {
    let mut world = World::new();
    let city = city(&world.ruleset.borrow());
    let steps = [
        step("half", StepAt::Percent(50), Notify::Coordinator),
        step("soon", StepAt::OffsetSecs(-7_200), Notify::Head),
        step("due", StepAt::OffsetSecs(0), Notify::Administrator),
        step("late", StepAt::OffsetSecs(3_600), Notify::Oversight),
    ];
    let incident = world.incident(1);
    world.conclude(incident, &steps, Vec::new());
    let mut stage = world.escalate(EscalateOptions {
        administrators: vec![mail("admins@region.example")],
        oversight: Vec::new(),
    });
    stage.step(at("2026-11-20T21:59:59Z")).unwrap();
    assert_eq!(fired(&world, 1), []);
    stage.step(at("2026-11-20T22:00:00Z")).unwrap();
    let coordinator = (format!("coordinator:{city}"), "reminder".to_owned());
    assert_eq!(fired(&world, 1), std::slice::from_ref(&coordinator));
    // From nine in the morning to eleven nothing runs.
    for _ in 0..3 {
        stage.step(at("2026-11-21T11:00:00Z")).unwrap();
    }
    let mut restarted = world.escalate(EscalateOptions::default());
    restarted.step(at("2026-11-21T11:00:00Z")).unwrap();
    let expected = [
        coordinator,
        (format!("head:{city}"), "reminder".to_owned()),
        ("administrator".to_owned(), "escalation".to_owned()),
        ("oversight".to_owned(), "escalation".to_owned()),
    ];
    assert_eq!(fired(&world, 1), expected);
    let breaches = world.store.read(|reader| reader.breaches(IncidentId(1))).unwrap();
    assert_eq!(breaches.len(), 1);
    assert_eq!(breaches[0].clock, ClockKind::FirstAnswer);
    assert_eq!(breaches[0].due_at, at("2026-11-21T10:00:00Z"));
    assert_eq!(breaches[0].noticed_at, at("2026-11-21T11:00:00Z"));
    let journal = world
        .store
        .read(|reader| reader.journal(&JournalFilter { limit: 100, ..JournalFilter::default() }))
        .unwrap();
    let actions = |name: &str| journal.iter().filter(|one| one.entry.action == name).count();
    assert_eq!((actions("escalate"), actions("breach")), (4, 1));
}

#[test]
fn a_stopped_clock_tells_nobody() {
    let mut world = World::new();
    let steps = [step("half", StepAt::Percent(50), Notify::Coordinator)];
    let answered = Incident {
        state: State::AnsweredFinal,
        answered_at: Some(at("2026-11-20T12:00:00Z")),
        ..world.incident(1)
    };
    world.conclude(answered, &steps, Vec::new());
    world.escalate(EscalateOptions::default()).step(at("2026-11-21T11:00:00Z")).unwrap();
    assert_eq!(fired(&world, 1), []);
    assert_eq!(world.store.read(|r| r.steps_due(at("2026-11-22T00:00:00Z"), 9)).unwrap().len(), 0);
    assert_eq!(world.store.read(|r| r.breaches(IncidentId(1))).unwrap(), []);
}

#[test]
fn who_cannot_be_reached_is_told_to_the_administrators() {
    let mut world = World::new();
    let orphan = Incident { body: BodyId("no-such-body".to_owned()), ..world.incident(1) };
    world.conclude(orphan, &[step("half", StepAt::Percent(50), Notify::Head)], Vec::new());
    let administrators = vec![mail("admins@region.example"), hook("https://region.example/in")];
    let options = EscalateOptions { administrators, oversight: Vec::new() };
    world.escalate(options).step(at("2026-11-20T22:00:00Z")).unwrap();
    let expected = ("administrator".to_owned(), "unreachable".to_owned());
    assert_eq!(fired(&world, 1), [expected.clone(), expected]);
    assert!(world.rows(1)[0].notice.version.ends_with("/head:no-such-body"));
}

/// Goal: escalation that does not run is seen, a standstill that ends is not.
#[test]
fn the_watchdog_barks_when_due_steps_stay_due() {
    let mut world = World::new();
    let steps = [step("half", StepAt::Percent(50), Notify::Coordinator)];
    let incident = world.incident(1);
    world.conclude(incident, &steps, Vec::new());
    let mut watchdog = Watchdog::new(world.store.clone());
    assert!(watchdog.step(at("2026-11-20T22:04:00Z")).is_ok());
    assert!(watchdog.step(at("2026-11-21T00:00:00Z")).is_ok(), "time to catch up");
    let alarm = watchdog.step(at("2026-11-21T00:06:00Z")).unwrap_err().to_string();
    assert!(alarm.starts_with("1 ladder steps are due"), "{alarm}");
    world.escalate(EscalateOptions::default()).step(at("2026-11-21T00:07:00Z")).unwrap();
    assert!(watchdog.step(at("2026-11-21T00:07:00Z")).is_ok());
    // Now the notice waits, and no dispatch runs.
    assert!(watchdog.step(at("2026-11-21T00:20:00Z")).is_ok());
    let alarm = watchdog.step(at("2026-11-21T00:30:00Z")).unwrap_err().to_string();
    assert!(alarm.contains("notices wait"), "{alarm}");
}
