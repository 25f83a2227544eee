use proptest::prelude::*;

use super::*;

fn body(id: &str, territory: Option<&str>, accepts: bool, parent: Option<&str>) -> Body {
    Body {
        id: BodyId(id.to_owned()),
        name: Name::default(),
        level: if territory.is_some() { Level::Municipal } else { Level::Regional },
        territory: territory.map(|id| TerritoryId(id.to_owned())),
        parent: parent.map(|id| BodyId(id.to_owned())),
        coordinator: None,
        head: None,
        channels: Vec::new(),
        accepts,
    }
}

fn bodies() -> Vec<Body> {
    vec![
        body("governor", None, true, None),
        body("roads", None, true, Some("governor")),
        body("housing", None, true, Some("governor")),
        body("city", Some("city"), true, Some("governor")),
        body("village", Some("village"), false, Some("district")),
        body("district", Some("district"), true, Some("governor")),
    ]
}

fn node(name: &str, groups: &[&str], body: &str, children: Vec<RouteNode>) -> RouteNode {
    RouteNode {
        name: name.to_owned(),
        title: None,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        topics: Vec::new(),
        territories: Vec::new(),
        scales: Vec::new(),
        body: body.to_owned(),
        children,
    }
}

fn tree() -> RouteNode {
    let mut streets = node("streets", &["roads"], OF_TERRITORY, Vec::new());
    streets.scales = vec![Scale::Local, Scale::Municipal];
    let mut lifts = node("lifts", &[], "housing", Vec::new());
    lifts.topics = vec!["lift".to_owned()];
    let mut north = node("north", &[], "district", Vec::new());
    north.territories = vec![TerritoryId("north".to_owned())];
    let roads = node("roads", &["roads"], "roads", vec![streets]);
    let yards = node("yards", &["yards"], OF_TERRITORY, vec![lifts]);
    node("", &[], "governor", vec![roads, yards, north])
}

#[test]
fn branches() {
    let cases = [
        ("pit", "roads", Some("city"), Scale::Local, "city", "root/roads/streets"),
        ("pit", "roads", Some("city"), Scale::Regional, "roads", "root/roads"),
        ("pit", "roads", None, Scale::Local, "roads", "root/roads"),
        ("pit", "roads", Some("nowhere"), Scale::Local, "roads", "root/roads"),
        // A body that does not accept hands over to its parent.
        ("pit", "roads", Some("village"), Scale::Local, "district", "root/roads/streets"),
        ("bench", "yards", Some("city"), Scale::Local, "city", "root/yards"),
        // The children of a node that cannot answer itself are asked all the same.
        ("lift", "yards", None, Scale::Local, "housing", "root/yards/lifts"),
        // … and its next sibling, and at last the root.
        ("bench", "yards", Some("north"), Scale::Local, "district", "root/north"),
        ("bench", "yards", None, Scale::Local, "governor", "root"),
        ("dog", "animals", Some("city"), Scale::Local, "governor", "root"),
    ];
    for (topic, group, territory, scale, body, branch) in cases {
        let territory = territory.map(|id| TerritoryId(id.to_owned()));
        let topic = TopicId(topic.to_owned());
        let route = route(&tree(), &bodies(), &topic, group, territory.as_ref(), scale);
        let found = (route.body.0.as_str(), route.branch.join("/"), route.only_root);
        assert_eq!(found, (body, branch.to_owned(), branch == "root"), "{topic} {territory:?}");
    }
}

#[test]
fn a_branch_is_told_by_its_titles() {
    let mut root = tree();
    let title = Name { ru: "Дороги".to_owned(), en: "Roads".to_owned() };
    root.children[0].title = Some(title.clone());
    let branch = ["root", "roads", "streets"].map(str::to_owned);
    let told = [Titled::Title(&title), Titled::Name("streets")];
    assert_eq!(titles(&root, &branch), told);
    // What an incident was routed by may be in the tree no more.
    let branch = ["root", "bridges", "streets"].map(str::to_owned);
    assert_eq!(titles(&root, &branch), [Titled::Name("bridges"), Titled::Name("streets")]);
    assert_eq!(titles(&root, &branch[..1]), []);
}

#[test]
fn the_tree_in_lines() {
    let lines: Vec<String> = tree_lines(&tree())
        .into_iter()
        .map(|line| {
            format!("{} {} [{}] {}", line.depth, line.name, line.conditions.join("; "), line.body)
        })
        .collect();
    assert_eq!(
        lines,
        [
            "0 root [] governor",
            "1 roads [groups: roads] roads",
            "2 streets [groups: roads; scales: local, municipal] @territory",
            "1 yards [groups: yards] @territory",
            "2 lifts [topics: lift] housing",
            "1 north [territories: north] district",
        ]
    );
}

#[test]
fn parents_in_a_circle_end_at_the_root() {
    let circle = [
        body("one", None, false, Some("two")),
        body("two", None, false, Some("one")),
        body("governor", None, true, None),
    ];
    let tree = node("", &[], "governor", vec![node("all", &[], "one", Vec::new())]);
    let route = route(&tree, &circle, &TopicId("pit".to_owned()), "roads", None, Scale::Local);
    assert_eq!((route.body.0.as_str(), route.only_root), ("governor", true));
}

fn any_node() -> impl Strategy<Value = RouteNode> {
    let groups = prop::sample::subsequence(vec!["roads", "yards", "water"], 0..=2);
    let body = prop::sample::select(vec!["roads", "city", "village", "nobody", OF_TERRITORY]);
    let leaf = (groups, body).prop_map(|(groups, body)| node("leaf", &groups, body, Vec::new()));
    leaf.prop_recursive(3, 12, 3, |inner| {
        (inner.clone(), prop::collection::vec(inner, 0..3))
            .prop_map(|(node, children)| RouteNode { children, ..node })
    })
}

proptest! {
    #[test]
    fn always_a_body_that_exists_and_accepts(
        children in prop::collection::vec(any_node(), 0..4),
        group in prop::sample::select(vec!["roads", "yards", "water", "other"]),
        territory in prop::option::of(prop::sample::select(vec!["city", "village", "nowhere"])),
    ) {
        let tree = node("", &[], "governor", children);
        let bodies = bodies();
        let territory = territory.map(|id| TerritoryId(id.to_owned()));
        let topic = TopicId("pit".to_owned());
        let route = route(&tree, &bodies, &topic, group, territory.as_ref(), Scale::Local);
        prop_assert!(bodies.iter().any(|body| body.id == route.body && body.accepts));
        prop_assert_eq!(route.only_root, route.branch.len() == 1);
    }
}
