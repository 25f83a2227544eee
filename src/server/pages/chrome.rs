//! What stands around every page: who is here, where they can go, what they
//! just did and how to take it back.

use crate::model::person::Role;
use crate::rules::wording::Arg;
use crate::server::decisions::Verb;
use crate::server::fields::Fields;
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;
use crate::server::words::Words;

use super::statics;

pub struct Chrome {
    pub words: Words,
    pub title: String,
    pub person: String,
    pub role: String,
    pub csrf: String,
    /// Path and query of this page.
    pub here: String,
    pub links: Vec<Link>,
    pub done: Option<Done>,
    pub ruleset: String,
    pub style: &'static str,
    pub script: &'static str,
}

pub struct Link {
    pub href: &'static str,
    pub label: String,
    pub is_here: bool,
}

/// What was just done, with the way back.
pub struct Done {
    pub text: String,
    /// Incident and action, where it can be taken back.
    pub undo: Option<(u64, u64)>,
}

/// A screen: the permission it needs, its path, the key of its name.
const SCREENS: [(Permission, &str, &str); 10] = [
    (Permission::Triage, "/triage", "nav-triage"),
    (Permission::Take, "/tray", "nav-tray"),
    (Permission::Approve, "/drafts", "nav-drafts"),
    (Permission::SeeBoard, "/board", "nav-board"),
    (Permission::SeeSystemic, "/systemic", "nav-systemic"),
    (Permission::SeeCases, "/incidents", "nav-incidents"),
    (Permission::Search, "/search", "nav-search"),
    (Permission::SeeSources, "/sources", "nav-sources"),
    (Permission::SeeDeliveries, "/deliveries", "nav-deliveries"),
    (Permission::SeeJournal, "/journal", "nav-journal"),
];

impl Chrome {
    pub fn new(visitor: &Visitor, title: String) -> Chrome {
        let path = visitor.here.split('?').next().unwrap_or("");
        let links = SCREENS
            .iter()
            .filter(|(permission, ..)| visitor.may(*permission))
            .map(|(_, href, key)| Link {
                href,
                label: visitor.words.t(key),
                is_here: path == *href,
            })
            .collect();
        Chrome {
            title,
            person: visitor.person.name.clone(),
            role: visitor.words.of("role", visitor.person.role.as_str()),
            csrf: visitor.token.csrf(),
            here: visitor.here.clone(),
            links,
            done: done(visitor),
            ruleset: visitor.ruleset.hash.0.chars().take(8).collect(),
            style: statics::style_path(),
            script: statics::script_path(),
            words: visitor.words.clone(),
        }
    }
}

fn done(visitor: &Visitor) -> Option<Done> {
    let query = visitor.here.split_once('?')?.1;
    let fields = Fields::parse(query.as_bytes());
    let what = fields.filled("done")?;
    let number = |name: &str| fields.get(name).parse::<u64>().ok();
    let words = &visitor.words;
    if let Some(verb) = Verb::parse(&what) {
        let incident = number("of")?;
        let shown = incident.to_string();
        let key = format!("done-{}", verb.as_str().replace('_', "-"));
        let text = words.with(&key, &[("number", Arg::from(&shown))]);
        let action = number("action").filter(|_| verb != Verb::Undo);
        return Some(Done { text, undo: action.map(|action| (incident, action)) });
    }
    let known = ["password", "source", "reload", "delivery"];
    known.contains(&what.as_str()).then(|| Done { text: words.of("done", &what), undo: None })
}

/// Where a role begins its day.
pub fn first_screen(role: Role) -> &'static str {
    match role {
        Role::Administrator => "/triage",
        Role::Coordinator | Role::Official => "/tray",
        Role::Approver => "/drafts",
        Role::Analyst => "/search",
        Role::Oversight => "/board",
        Role::System => "/sources",
    }
}
