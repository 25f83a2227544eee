//! Which body answers, and by which branch of the region's tree. Pure, and
//! never without an answer: the root names a body.
//!
//! Depth first; the first child that matches wins; a node without a matching
//! child answers itself. A node whose body is `@territory` can answer only
//! where the territory has a municipal body; where it cannot, and none of its
//! children can, the next sibling is asked.

#[cfg(test)]
mod tests;

use crate::model::body::{Body, BodyId, Level};
use crate::model::incident::Route;
use crate::model::region::{Name, RouteNode, TerritoryId};
use crate::model::topic::{Scale, TopicId};

/// The municipal body of the incident's territory, in a node of the tree.
pub const OF_TERRITORY: &str = "@territory";

/// What the root is called in a branch.
pub const ROOT: &str = "root";

/// The body for a matter and the names of the nodes that led to it.
pub fn route(
    root: &RouteNode,
    bodies: &[Body],
    topic: &TopicId,
    group: &str,
    territory: Option<&TerritoryId>,
    scale: Scale,
) -> Route {
    let answer = answer(root, bodies, Matter { topic: &topic.0, group, territory, scale });
    let mut branch = vec![ROOT.to_owned()];
    let mut node = root;
    for &child in &answer.path {
        node = &node.children[child];
        branch.push(node.name.clone());
    }
    Route { body: answer.body, only_root: answer.path.is_empty(), branch }
}

/// What people read of a branch, node by node after the root: its title, or its
/// name where it has none or the tree holds it no more.
pub fn titles<'r>(root: &'r RouteNode, branch: &'r [String]) -> Vec<Titled<'r>> {
    let mut node = Some(root);
    let below_root = branch.iter().skip(1);
    below_root
        .map(|name| {
            node = node.and_then(|node| node.children.iter().find(|child| child.name == *name));
            match node.and_then(|node| node.title.as_ref()) {
                Some(title) => Titled::Title(title),
                None => Titled::Name(name),
            }
        })
        .collect()
}

/// How a node is told to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Titled<'r> {
    Title(&'r Name),
    Name(&'r str),
}

/// What the tree asks about.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'m> {
    pub topic: &'m str,
    pub group: &'m str,
    pub territory: Option<&'m TerritoryId>,
    pub scale: Scale,
}

/// The node that answers, as the indexes of children from the root on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub path: Vec<usize>,
    pub body: BodyId,
}

pub fn answer(root: &RouteNode, bodies: &[Body], matter: Matter<'_>) -> Answer {
    let mut path = Vec::new();
    let body = ask_children(root, bodies, matter, &mut path)
        .or_else(|| own_body(root, bodies, matter))
        .unwrap_or_else(|| BodyId(root.body.clone()));
    Answer { path, body }
}

fn ask_children(
    node: &RouteNode,
    bodies: &[Body],
    matter: Matter<'_>,
    path: &mut Vec<usize>,
) -> Option<BodyId> {
    for (index, child) in node.children.iter().enumerate() {
        if !conditions_hold(child, matter) {
            continue;
        }
        path.push(index);
        let body = ask_children(child, bodies, matter, path);
        if let Some(body) = body.or_else(|| own_body(child, bodies, matter)) {
            return Some(body);
        }
        path.pop();
    }
    None
}

/// An empty list is no condition; groups and topics are one condition.
pub fn conditions_hold(node: &RouteNode, matter: Matter<'_>) -> bool {
    let any_topic = node.groups.is_empty() && node.topics.is_empty();
    let topic = any_topic
        || node.groups.iter().any(|group| group == matter.group)
        || node.topics.iter().any(|topic| topic == matter.topic);
    let territory = node.territories.is_empty()
        || matter.territory.is_some_and(|territory| node.territories.contains(territory));
    topic && territory && (node.scales.is_empty() || node.scales.contains(&matter.scale))
}

fn own_body(node: &RouteNode, bodies: &[Body], matter: Matter<'_>) -> Option<BodyId> {
    let named = if node.body == OF_TERRITORY {
        municipal_body(bodies, matter.territory?)?
    } else {
        bodies.iter().find(|body| body.id.0 == node.body)?
    };
    who_accepts(bodies, named)
}

/// The municipal body of a territory, whether it accepts cases or not.
pub fn municipal_body<'b>(bodies: &'b [Body], territory: &TerritoryId) -> Option<&'b Body> {
    let of_territory =
        |body: &&Body| body.level == Level::Municipal && body.territory.as_ref() == Some(territory);
    let accepting = bodies.iter().find(|body| of_territory(body) && body.accepts);
    accepting.or_else(|| bodies.iter().find(of_territory))
}

/// The body, or the nearest of its parents that accepts cases.
fn who_accepts(bodies: &[Body], named: &Body) -> Option<BodyId> {
    let mut body = named;
    // As many steps as there are bodies: parents in a circle must not hang us.
    for _ in bodies {
        if body.accepts {
            return Some(body.id.clone());
        }
        let parent = body.parent.as_ref()?;
        body = bodies.iter().find(|body| body.id == *parent)?;
    }
    None
}

/// A line of `routes tree`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeLine {
    /// 0 is the root.
    pub depth: usize,
    pub name: String,
    /// `groups: roads, yards`, `scales: local` …; all of them must hold.
    pub conditions: Vec<String>,
    pub body: String,
}

/// The tree in the order in which it is asked.
pub fn tree_lines(root: &RouteNode) -> Vec<TreeLine> {
    let mut lines = Vec::new();
    add_lines(root, 0, &mut lines);
    lines
}

fn add_lines(node: &RouteNode, depth: usize, lines: &mut Vec<TreeLine>) {
    let name = if depth == 0 { ROOT.to_owned() } else { node.name.clone() };
    lines.push(TreeLine { depth, name, conditions: conditions(node), body: node.body.clone() });
    for child in &node.children {
        add_lines(child, depth + 1, lines);
    }
}

fn conditions(node: &RouteNode) -> Vec<String> {
    let territories: Vec<&str> = node.territories.iter().map(|id| id.0.as_str()).collect();
    let scales: Vec<&str> = node.scales.iter().map(|scale| scale.as_str()).collect();
    let groups: Vec<&str> = node.groups.iter().map(String::as_str).collect();
    let topics: Vec<&str> = node.topics.iter().map(String::as_str).collect();
    [("groups", groups), ("topics", topics), ("territories", territories), ("scales", scales)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(kind, names)| format!("{kind}: {}", names.join(", ")))
        .collect()
}
