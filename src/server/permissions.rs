//! Who may do what: a role is a set of named permissions, a person's reach
//! limits them to territories, topic groups and bodies. One question, asked by
//! pages and API alike.

use crate::model::action::Decision;
use crate::model::incident::Incident;
use crate::model::person::{Person, Role};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Lists and cards of incidents.
    SeeCases,
    /// Accept, correct, join, split, «not the same», drop.
    Triage,
    /// Send to a body.
    Dispatch,
    /// Take into work, say «not mine».
    Take,
    Draft,
    Approve,
    Publish,
    Close,
    Reopen,
    Search,
    Export,
    /// Names of authors, and personal data in what they write.
    SeePersonal,
    SeeBoard,
    /// What comes back again and again.
    SeeSystemic,
    SeeSources,
    ManageSources,
    SeeDeliveries,
    AcknowledgeDeliveries,
    SeeJournal,
    Reload,
}

use Permission as P;

const ADMINISTRATOR: &[Permission] = &[
    P::SeeCases,
    P::Triage,
    P::Dispatch,
    P::Take,
    P::Draft,
    P::Approve,
    P::Publish,
    P::Close,
    P::Reopen,
    P::Search,
    P::Export,
    P::SeePersonal,
    P::SeeBoard,
    P::SeeSystemic,
    P::SeeSources,
    P::SeeDeliveries,
    P::AcknowledgeDeliveries,
    P::SeeJournal,
];
const COORDINATOR: &[Permission] = &[
    P::SeeCases,
    P::Dispatch,
    P::Take,
    P::Draft,
    P::Approve,
    P::Publish,
    P::Close,
    P::Reopen,
    P::Search,
    P::Export,
    P::SeePersonal,
    P::SeeBoard,
];
const OFFICIAL: &[Permission] = &[P::SeeCases, P::Take, P::Draft, P::Close, P::SeePersonal];
const APPROVER: &[Permission] = &[P::SeeCases, P::Draft, P::Approve, P::Publish, P::Search];
const ANALYST: &[Permission] = &[P::SeeCases, P::Search, P::Export, P::SeeBoard];
const OVERSIGHT: &[Permission] = &[
    P::SeeCases,
    P::Search,
    P::Export,
    P::SeeBoard,
    P::SeeSystemic,
    P::SeeSources,
    P::SeeDeliveries,
    P::SeeJournal,
];
const SYSTEM: &[Permission] = &[P::SeeSources, P::ManageSources, P::SeeJournal, P::Reload];

pub fn permissions(role: Role) -> &'static [Permission] {
    match role {
        Role::Administrator => ADMINISTRATOR,
        Role::Coordinator => COORDINATOR,
        Role::Official => OFFICIAL,
        Role::Approver => APPROVER,
        Role::Analyst => ANALYST,
        Role::Oversight => OVERSIGHT,
        Role::System => SYSTEM,
    }
}

/// Whether a person may do something at all, or with this incident.
pub fn may(person: &Person, permission: Permission, incident: Option<&Incident>) -> bool {
    !person.disabled
        && permissions(person.role).contains(&permission)
        && incident.is_none_or(|incident| reaches(person, incident))
}

/// Whether an incident lies within a person's reach. An empty list is no limit.
fn reaches(person: &Person, incident: &Incident) -> bool {
    let reach = &person.reach;
    let territory = incident.territory();
    let in_territory =
        reach.territories.is_empty() || territory.is_some_and(|id| reach.territories.contains(id));
    let in_group = reach.groups.is_empty() || reach.groups.contains(&incident.topic_group);
    let in_body = reach.bodies.is_empty() || reach.bodies.contains(&incident.body);
    in_territory && in_group && in_body
}

/// Whether nothing limits what a person sees.
pub fn is_unlimited(person: &Person) -> bool {
    let reach = &person.reach;
    reach.territories.is_empty() && reach.groups.is_empty() && reach.bodies.is_empty()
}

/// What is asked of who takes back a merge of the program: as for a person's join.
pub const FOR_MERGES: Permission = P::Triage;

/// What a decision asks for. Undoing asks for what was done.
pub fn needed_for(decision: &Decision) -> Option<Permission> {
    match decision {
        Decision::Accept { .. }
        | Decision::Correct { .. }
        | Decision::Join { .. }
        | Decision::Split { .. }
        | Decision::KeepTogether { .. }
        | Decision::NotSame { .. }
        | Decision::Drop { .. } => Some(P::Triage),
        Decision::Assign { .. } => Some(P::Dispatch),
        Decision::NotMine { .. } | Decision::Take { .. } => Some(P::Take),
        Decision::Draft { .. } => Some(P::Draft),
        Decision::Approve { .. } => Some(P::Approve),
        // The reply is public already: nobody else has to let it out.
        Decision::Publish { .. } | Decision::Adopt { .. } => Some(P::Publish),
        Decision::Close { .. } => Some(P::Close),
        Decision::Reopen { .. } => Some(P::Reopen),
        Decision::Undo { .. } => None,
    }
}
