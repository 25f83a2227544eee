//! Bodies, the routing tree and the watched sources of a pack: the files whose
//! entries name each other.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use crate::model::body::{Body, BodyId, Channel, Level};
use crate::model::region::{Name, RouteNode, Territory, TerritoryId};
use crate::model::source::Source;
use crate::model::time::zone;
use crate::model::topic::Scale;
use crate::rules::routing::OF_TERRITORY;

use super::file::PackFile;
use super::pack::Pack;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodiesFile {
    body: Vec<Spanned<Body>>,
}

pub(super) fn bodies(pack: &mut Pack<'_, '_>, territories: &[Territory]) -> Option<Vec<Body>> {
    let file = pack.require("bodies.toml")?;
    let entries: BodiesFile = file.toml(pack.problems)?;
    let ids: BTreeSet<BodyId> =
        entries.body.iter().map(|entry| entry.get_ref().id.clone()).collect();
    let mut bodies = Vec::new();
    for entry in entries.body {
        let line = file.line(&entry.span());
        let body = entry.into_inner();
        pack.remember(&file, "body", &body.id.0, line);
        for (field, message) in complaints_of_body(&body, &ids, territories) {
            pack.problems.push(file.error(line, field, &message));
        }
        bodies.push(body);
    }
    refuse_circles(pack, &file, &bodies);
    Some(bodies)
}

fn complaints_of_body(
    body: &Body,
    ids: &BTreeSet<BodyId>,
    territories: &[Territory],
) -> Vec<(&'static str, String)> {
    let mut complaints = Vec::new();
    match (&body.territory, body.level) {
        (Some(territory), _) if !is_known(territories, territory) => {
            complaints.push(("territory", format!("there is no territory «{territory}»")));
        }
        (None, Level::Municipal) => {
            complaints.push(("territory", "a municipal body names its territory".to_owned()));
        }
        (Some(_) | None, Level::Municipal | Level::Regional | Level::Governor) => {}
    }
    match &body.parent {
        Some(parent) if !ids.contains(parent) => {
            complaints.push(("parent", format!("there is no body «{parent}»")));
        }
        None if !body.accepts => {
            let message = "a body that does not accept cases has a parent that does";
            complaints.push(("parent", message.to_owned()));
        }
        Some(_) | None => {}
    }
    let contacts = [("coordinator", &body.coordinator), ("head", &body.head)];
    for (field, contact) in contacts {
        if contact.as_ref().is_some_and(|contact| !looks_like_address(&contact.email)) {
            complaints.push((field, "the e-mail address is not one".to_owned()));
        }
    }
    complaints.extend(body.channels.iter().filter_map(complaint_of_channel));
    complaints
}

fn complaint_of_channel(channel: &Channel) -> Option<(&'static str, String)> {
    let message = match channel {
        Channel::Email { address } if !looks_like_address(address) => {
            "the e-mail address is not one"
        }
        Channel::Webhook { url, .. }
            if !url.starts_with("https://") && !url.starts_with("http://") =>
        {
            "a webhook's address begins with https:// or http://"
        }
        Channel::Email { .. } | Channel::Webhook { .. } => return None,
    };
    Some(("channels", message.to_owned()))
}

/// Only what surely is no address; the mail server has the last word.
fn looks_like_address(text: &str) -> bool {
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == ',';
    match text.split_once('@') {
        Some((local, domain)) => {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !text.contains(odd)
        }
        None => false,
    }
}

fn is_known(territories: &[Territory], id: &TerritoryId) -> bool {
    territories.iter().any(|territory| territory.id == *id)
}

fn refuse_circles(pack: &mut Pack<'_, '_>, file: &PackFile<'_>, bodies: &[Body]) {
    let parents: BTreeMap<&BodyId, &BodyId> =
        bodies.iter().filter_map(|body| Some((&body.id, body.parent.as_ref()?))).collect();
    for body in bodies {
        let mut at = &body.id;
        for _ in 0..=bodies.len() {
            match parents.get(at) {
                Some(parent) if **parent == body.id => {
                    let line = pack.origins.of("body", &body.id.0).line;
                    pack.problems.push(file.error(line, "parent", "the parents go in a circle"));
                    break;
                }
                Some(parent) => at = parent,
                None => break,
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoutesFile {
    body: String,
    #[serde(default)]
    route: Vec<Spanned<RouteEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteEntry {
    name: String,
    #[serde(default)]
    title: Option<Name>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    territories: Vec<TerritoryId>,
    #[serde(default)]
    scales: Vec<Scale>,
    body: String,
    #[serde(default)]
    route: Vec<Spanned<RouteEntry>>,
}

pub(super) fn routes(
    pack: &mut Pack<'_, '_>,
    bodies: &[Body],
    territories: &[Territory],
) -> Option<RouteNode> {
    let file = pack.require("routes.toml")?;
    let root: RoutesFile = file.toml(pack.problems)?;
    pack.remember(&file, "route", "", 1);
    if !bodies.iter().any(|body| body.id.0 == root.body) {
        let message = format!("the root names a body; there is no body «{}»", root.body);
        pack.problems.push(file.error(1, "body", &message));
    }
    let mut reading = Routes { pack, file, bodies, territories };
    Some(RouteNode {
        name: String::new(),
        title: None,
        groups: Vec::new(),
        topics: Vec::new(),
        territories: Vec::new(),
        scales: Vec::new(),
        body: root.body,
        children: root.route.into_iter().map(|entry| reading.node(entry)).collect(),
    })
}

struct Routes<'r, 'f, 'p> {
    pack: &'r mut Pack<'f, 'p>,
    file: PackFile<'f>,
    bodies: &'r [Body],
    territories: &'r [Territory],
}

impl Routes<'_, '_, '_> {
    fn node(&mut self, entry: Spanned<RouteEntry>) -> RouteNode {
        let line = self.file.line(&entry.span());
        let entry = entry.into_inner();
        if entry.name.trim().is_empty() {
            self.complain(line, "name", "a route has a name; it is shown as the reason");
        } else {
            self.pack.remember(&self.file, "route", &entry.name, line);
        }
        if entry.body != OF_TERRITORY && !self.bodies.iter().any(|body| body.id.0 == entry.body) {
            self.complain(line, "body", &format!("there is no body «{}»", entry.body));
        }
        for territory in entry.territories.iter().filter(|id| !is_known(self.territories, id)) {
            let message = format!("there is no territory «{territory}»");
            self.pack.problems.push(self.file.error(line, "territories", &message));
        }
        RouteNode {
            name: entry.name,
            title: entry.title,
            groups: entry.groups,
            topics: entry.topics,
            territories: entry.territories,
            scales: entry.scales,
            body: entry.body,
            children: entry.route.into_iter().map(|child| self.node(child)).collect(),
        }
    }

    fn complain(&mut self, line: usize, field: &str, message: &str) {
        self.pack.problems.push(self.file.error(line, field, message));
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourcesFile {
    #[serde(default)]
    source: Vec<Spanned<Source>>,
}

pub(super) fn sources(
    pack: &mut Pack<'_, '_>,
    bodies: &[Body],
    territories: &[Territory],
) -> Vec<Source> {
    let Some(file) = pack.find("sources.toml") else { return Vec::new() };
    let entries: Option<SourcesFile> = file.toml(pack.problems);
    let mut sources = Vec::new();
    for entry in entries.map(|file| file.source).unwrap_or_default() {
        let line = file.line(&entry.span());
        let source = entry.into_inner();
        pack.remember(&file, "source", &source.id.0, line);
        if let Some(own) = &source.own
            && !bodies.iter().any(|body| body.id == *own)
        {
            pack.problems.push(file.error(line, "own", &format!("there is no body «{own}»")));
        }
        if let Some(territory) = &source.territory
            && !is_known(territories, territory)
        {
            let message = format!("there is no territory «{territory}»");
            pack.problems.push(file.error(line, "territory", &message));
        }
        if source.poll_interval_secs == Some(0) {
            pack.problems.push(file.error(line, "poll_interval_secs", "0 would poll all the time"));
        }
        if source.zone.as_deref().is_some_and(|name| zone(name).is_none()) {
            pack.problems.push(file.error(line, "zone", "there is no such time zone"));
        }
        sources.push(source);
    }
    sources
}
