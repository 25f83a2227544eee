//! The whole pipeline on a virtual clock: one thread, no waiting, every stage
//! stepped until it has nothing left to do.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use otklik::adapters::ruleset_files::{hash, shipped};
use otklik::adapters::store::Store;
use otklik::adapters::store::commands::{Act, ActivateRuleset, Command, Ingest, Ingested};
use otklik::model::action::{Actor, Applied, Decision, NewAction};
use otklik::model::incident::{Incident, IncidentId, State};
use otklik::model::journal::NewEntry;
use otklik::model::position::Position;
use otklik::model::post::{Network, Post, PostKey};
use otklik::model::time::Timestamp;
use otklik::pipeline::cluster::ClusterStage;
use otklik::pipeline::matcher::MatcherStage;
use otklik::pipeline::recent::Recent;
use otklik::pipeline::stage::Progress;
use otklik::rules::ruleset::{Ruleset, parse};
use tokio::sync::watch;

/// Read once: it takes seconds.
pub fn shipped_ruleset() -> Ruleset {
    static RULESET: OnceLock<Ruleset> = OnceLock::new();
    let read = || {
        let files = shipped("vologda").unwrap();
        parse(&files, hash(&files)).unwrap_or_else(|problems| panic!("{problems:#?}"))
    };
    RULESET.get_or_init(read).clone()
}

pub struct Pipeline {
    pub store: Store,
    pub matcher: MatcherStage,
    pub cluster: ClusterStage,
    pub now: Timestamp,
}

impl Pipeline {
    pub fn open(dir: &Path, now: &str) -> Pipeline {
        let now: Timestamp = now.parse().unwrap();
        let files = shipped("vologda").unwrap();
        let ruleset = Arc::new(shipped_ruleset());
        let store = Store::open(dir).unwrap();
        store
            .write(Command::ActivateRuleset(ActivateRuleset {
                hash: ruleset.hash.clone(),
                files,
                at: now,
            }))
            .unwrap();
        let (_, watched) = watch::channel(ruleset);
        let recent = Recent::default();
        let matcher = MatcherStage::new(store.clone(), watched.clone()).unwrap();
        let matcher = matcher.showing(recent.clone());
        let cluster = ClusterStage::new(store.clone(), watched).unwrap().taking_from(recent);
        Pipeline { store, matcher, cluster, now }
    }

    pub fn at(&mut self, now: &str) {
        self.now = now.parse().unwrap();
    }

    pub fn ingest(&mut self, posts: Vec<Post>) -> Ingested {
        let command =
            Ingest { seen_at: self.now, posts, rejected: Vec::new(), gap: None, poll: None };
        self.store.write(Command::Ingest(command)).unwrap().ingested()
    }

    /// Steps the stages until nothing is left to do.
    pub fn settle(&mut self) {
        while let Progress::More(_) = self.matcher.step().unwrap() {}
        while let Progress::More(_) = self.cluster.step().unwrap() {}
    }

    /// A person decides; returns where the action is stored and what came of it.
    pub fn act(&mut self, login: &str, decision: Decision) -> (Position, Applied) {
        let entry = NewEntry {
            at: self.now,
            actor: login.to_owned(),
            action: decision.name().to_owned(),
            subject: "incident".to_owned(),
            ..NewEntry::default()
        };
        let actor = Actor::Person { login: login.to_owned() };
        let action = NewAction { at: self.now, actor, decision };
        let act = Command::Act(Act { action, entry });
        let position = self.store.write(act).unwrap().position();
        self.settle();
        let applied = self.store.read(|reader| reader.applied(position)).unwrap().unwrap();
        (position, applied.result)
    }

    pub fn done(&mut self, login: &str, decision: Decision) -> Position {
        let (position, applied) = self.act(login, decision);
        assert_eq!(applied, Applied::Done);
        position
    }

    pub fn position(&self, network: &str, native_id: &str) -> Position {
        let key = PostKey { network: Network(network.to_owned()), native_id: native_id.to_owned() };
        self.store.read(|reader| reader.post_by_key(&key)).unwrap().unwrap().position
    }

    pub fn incident_of(&self, post: Position) -> Option<IncidentId> {
        let memberships = self.store.read(|reader| reader.memberships(post)).unwrap();
        memberships.into_iter().find(|(_, _, ended)| ended.is_none()).map(|(id, _, _)| id)
    }

    pub fn incident(&self, id: IncidentId) -> Incident {
        self.store.read(|reader| reader.incident(id)).unwrap().unwrap()
    }

    pub fn incidents(&self) -> Vec<Incident> {
        let all = self.store.read(|reader| reader.live_incidents()).unwrap();
        all.into_iter().filter(|incident| incident.state != State::Joined).collect()
    }
}
