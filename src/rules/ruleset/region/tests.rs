use crate::model::clock::{StepAt, Term};
use crate::model::region::Name;
use crate::model::ruleset::Severity;
use crate::model::topic::{Scale, Topic, TopicGroup, TopicId};

use super::*;

const REGION: &str = "id = \"r\"\nname = { ru = \"Р\", en = \"R\" }\nzone = \"Europe/Moscow\"\n";
const TERRITORIES: &str = r#"
[[territory]]
id = "city"
name = { ru = "Город", en = "City" }
kind = "city"
centre = "Город"
lat = 59.2
lon = 39.8
population = 300000
aliases = ["столица"]
"#;
const SETTLEMENTS: &str = "name,kind,territory,lat,lon,population,aliases\n\
    Город,город,city,59.2,39.8,300000,столица|центр\nСело,село,city,,,,\n";
const STREETS: &str = "settlement,type,name\nГород,улица,Мира\n";
const OBJECTS: &str = "settlement,kind,name,aliases\nГород,bridge,Красный мост,\n";
const BODIES: &str = r#"
[[body]]
id = "governor"
name = { ru = "Губернатор", en = "Governor" }
level = "governor"
coordinator = { name = "А", email = "a@r.example" }
head = { name = "Б", email = "b@r.example" }
channels = [{ kind = "email", address = "all@r.example" }]

[[body]]
id = "city-hall"
name = { ru = "Мэрия", en = "City hall" }
level = "municipal"
territory = "city"
parent = "governor"
coordinator = { name = "В", email = "c@r.example" }
head = { name = "Г", email = "d@r.example" }
channels = [{ kind = "webhook", url = "https://city.example/in", secret_file = "/run/secret" }]
"#;
const ROUTES: &str = r#"body = "governor"

[[route]]
name = "roads"
groups = ["roads"]
body = "governor"

[[route.route]]
name = "streets"
scales = ["local"]
body = "@territory"
"#;
const TERMS: &str = r#"accept_confidence = 0.9

[[terms]]
id = "all"
importance = [1, 2, 3, 4, 5]
take = "4h"
first_answer = "24h"
final_answer = "7wd"

[[ladder]]
id = "half"
clock = "first_answer"
at = "50%"
notify = "coordinator"
"#;
const CALENDAR: &str = r#"zone = "Europe/Moscow"
[week]
mon = ["08:00-12:30", "13:30-17:00"]
tue = ["00:00-24:00"]

[year.2026]
holidays = ["2026-01-01"]
short = ["2026-04-30"]
source = "a decree"
"#;
const SOURCES: &str = r#"
[[source]]
id = "vk:wall:-1"
network = "vk"
kind = "wall"
target = "-1"
name = "Стена"
territory = "city"
own = "city-hall"
"#;

fn files() -> RulesetFiles {
    let mut files = RulesetFiles::default();
    let texts = [
        REGION,
        TERRITORIES,
        SETTLEMENTS,
        STREETS,
        OBJECTS,
        BODIES,
        ROUTES,
        TERMS,
        CALENDAR,
        SOURCES,
    ];
    for (name, text) in FILES.iter().zip(texts) {
        files.0.insert(format!("regions/r/{name}"), text.to_owned());
    }
    files
}

fn parse(files: &RulesetFiles) -> (Option<Region>, Vec<Problem>) {
    let mut problems = Vec::new();
    let region = parse_region(files, &mut problems);
    (region, problems)
}

fn with(name: &str, text: &str) -> RulesetFiles {
    let mut files = files();
    files.0.insert(format!("regions/r/{name}"), text.to_owned());
    files
}

#[test]
fn streets_and_objects_may_have_coordinates() {
    let streets =
        "settlement,type,name,lat,lon\nГород,улица,Мира,59.21,39.81\nГород,улица,Лесная,,\n";
    let mut files = with("streets.csv", streets);
    let objects = "lat,lon,settlement,kind,name,aliases\n59.22,39.82,Город,bridge,Красный мост,\n";
    files.0.insert("regions/r/objects.csv".to_owned(), objects.to_owned());
    let (region, problems) = parse(&files);
    assert_eq!(problems, []);
    let region = region.unwrap();
    let geo = |lat, lon| Some(crate::model::post::Geo { lat, lon });
    assert_eq!((region.streets[0].geo, region.streets[1].geo), (geo(59.21, 39.81), None));
    assert_eq!(region.landmarks[0].geo, geo(59.22, 39.82));
}

#[test]
fn coordinates_that_are_none_are_told() {
    for (cells, expected) in [
        ("59.2,", "one without the other"),
        ("x,39.8", "not a number"),
        ("95,39.8", "not on Earth"),
    ] {
        let text = format!("settlement,type,name,lat,lon\nГород,улица,Мира,{cells}\n");
        let (_, problems) = parse(&with("streets.csv", &text));
        assert!(
            problems.iter().any(|one| one.message.contains(expected) && one.line == 2),
            "{problems:?}"
        );
    }
}

fn good() -> Region {
    let (region, problems) = parse(&files());
    assert_eq!(problems, []);
    region.unwrap()
}

#[test]
fn a_good_pack() {
    let region = good();
    assert_eq!(region.territories[0].aliases, ["столица"]);
    assert_eq!(region.settlements[0].aliases, ["столица", "центр"]);
    assert_eq!((region.settlements[1].geo, region.settlements[1].population), (None, None));
    assert_eq!((region.streets[0].geo, region.landmarks[0].geo), (None, None));
    assert_eq!(region.routes.children[0].children[0].body, "@territory");
    assert_eq!(region.terms[0].first_answer, Term::ElapsedSecs(86_400));
    assert_eq!(region.terms[0].final_answer, Term::WorkingDays(7));
    assert_eq!(region.ladder[0].at, StepAt::Percent(50));
    assert_eq!(region.calendar.week[0].len(), 2);
    assert_eq!(region.calendar.week[1][0].to_minute, 1_440);
    assert_eq!(region.sources.len(), 1);
    let origin = region.origins.of("body", "city-hall");
    assert_eq!((origin.file.as_str(), origin.line), ("regions/r/bodies.toml", 10));
    assert_eq!(region.origins.of("route", "streets").line, 8);
}

/// Replaces one text in one file and expects a complaint: file, line, field.
#[test]
fn every_mistake_has_its_file_line_and_field() {
    let cases = [
        ("region.toml", "Europe/Moscow", "Europe/Vologda", 3, "zone"),
        ("region.toml", "zone =", "zoen =", 3, "zoen"),
        ("territories.toml", "kind = \"city\"", "kind = \"town\"", 2, "kind"),
        ("territories.toml", "population = 300000", "population = -3", 9, "population"),
        ("territories.toml", "lat = 59.2", "lat = 159.2", 2, "lat, lon"),
        ("settlements.csv", "Село,село,city", "Село,село,town", 3, "territory"),
        ("settlements.csv", "59.2,39.8", "север,39.8", 2, "lat"),
        ("settlements.csv", "name,kind", "title,kind", 1, "title"),
        ("settlements.csv", "Село,село,city,,,,", "Село,село,city", 3, ""),
        ("streets.csv", "Город,улица,Мира", "Деревня,улица,Мира", 2, "settlement"),
        ("streets.csv", "Город,улица,Мира", "Город,,Мира", 2, "name"),
        ("objects.csv", "Город,bridge", "Деревня,bridge", 2, "settlement"),
        ("bodies.toml", "parent = \"governor\"", "parent = \"king\"", 10, "parent"),
        ("bodies.toml", "territory = \"city\"\n", "", 10, "territory"),
        ("bodies.toml", "territory = \"city\"", "territory = \"town\"", 10, "territory"),
        ("bodies.toml", "id = \"city-hall\"", "id = \"governor\"", 10, "id"),
        ("bodies.toml", "all@r.example", "all r.example", 2, "channels"),
        ("bodies.toml", "c@r.example", "nobody", 10, "coordinator"),
        ("bodies.toml", "https://city", "ftp://city", 10, "channels"),
        ("bodies.toml", "parent = \"governor\"", "accepts = false", 10, "parent"),
        ("bodies.toml", "parent = \"governor\"", "parent = \"city-hall\"", 10, "parent"),
        ("bodies.toml", "level = \"municipal\"", "level = \"town\"", 13, "level"),
        ("routes.toml", "body = \"governor\"\n\n", "body = \"king\"\n\n", 1, "body"),
        ("routes.toml", "\"@territory\"", "\"@teritory\"", 8, "body"),
        ("routes.toml", "name = \"streets\"", "name = \"roads\"", 8, "id"),
        ("routes.toml", "name = \"streets\"", "name = \"\"", 8, "name"),
        ("routes.toml", "scales = [", "scale = [", 10, "scale"),
        ("routes.toml", "groups = [\"roads\"]", "territories = [\"x\"]", 3, "territories"),
        ("terms.toml", "\"7wd\"", "\"7 days\"", 8, "final_answer"),
        ("terms.toml", "\"50%\"", "\"150%\"", 13, "at"),
        ("terms.toml", "1, 2, 3", "0, 2, 3", 5, "importance"),
        ("terms.toml", "0.9", "9.0", 1, "accept_confidence"),
        ("terms.toml", "notify = \"coordinator\"", "notify = \"mayor\"", 14, "notify"),
        ("calendar.toml", "13:30-17:00", "12:00-17:00", 2, "mon"),
        ("calendar.toml", "13:30-17:00", "17:00-13:30", 2, "mon"),
        ("calendar.toml", "24:00", "24:01", 2, "tue"),
        ("calendar.toml", "2026-04-30", "2025-04-30", 8, "short"),
        ("calendar.toml", "2026-01-01", "2026-02-30", 7, "holidays"),
        ("calendar.toml", "[year.2026]", "[year.last]", 6, "year"),
        ("sources.toml", "own = \"city-hall\"", "own = \"king\"", 2, "own"),
        ("sources.toml", "territory = \"city\"", "territory = \"town\"", 2, "territory"),
    ];
    for (name, from, to, line, field) in cases {
        let mut files = files();
        let path = format!("regions/r/{name}");
        let text = files.0[&path].replacen(from, to, 1);
        assert_ne!(text, files.0[&path], "{name}: nothing was replaced by {to}");
        files.0.insert(path.clone(), text);
        let (region, problems) = parse(&files);
        assert!(region.is_none(), "{name}: {to} was taken");
        let found =
            problems.iter().any(|one| one.file == path && one.line == line && one.field == field);
        assert!(found, "{name}: {to}: expected {line} {field}, got {problems:#?}");
    }
}

#[test]
fn missing_and_unknown_files() {
    for name in FILES {
        let mut files = files();
        files.0.remove(&format!("regions/r/{name}"));
        let (region, _) = parse(&files);
        let optional = name.ends_with(".csv") || name == "sources.toml";
        let depends = name == "settlements.csv";
        assert_eq!(region.is_some(), optional && !depends, "{name}");
    }
    let mut files = files();
    files.0.insert("regions/r/setlements.csv".to_owned(), String::new());
    let (region, problems) = parse(&files);
    assert!(region.is_none());
    assert_eq!(problems[0].file, "regions/r/setlements.csv");
}

fn groups() -> Vec<TopicGroup> {
    let topic = |id: &str| Topic {
        id: TopicId(id.to_owned()),
        name: Name::default(),
        importance: 2,
        scale: Scale::Local,
        phrases: Vec::new(),
        hints: Vec::new(),
        exclude: Vec::new(),
        distance: None,
        reopen_hours: None,
        general: false,
        matches: Vec::new(),
        ignores: Vec::new(),
    };
    let group = |id: &str, topics: &[&str]| TopicGroup {
        id: id.to_owned(),
        name: Name::default(),
        topics: topics.iter().map(|id| topic(id)).collect(),
    };
    vec![group("roads", &["pit", "sign"])]
}

fn complaints(files: &RulesetFiles, groups: &[TopicGroup], today: &str) -> Vec<(String, Severity)> {
    let region = parse(files).0.unwrap();
    check(&region, groups, today.parse().unwrap())
        .into_iter()
        .map(|one| {
            let name = one.file.rsplit('/').next().unwrap_or("").to_owned();
            (format!("{name}:{} {}: {}", one.line, one.field, one.message), one.severity)
        })
        .collect()
}

/// Adds a text to one file and expects exactly these complaints.
#[test]
fn what_reads_well_can_be_wrong() {
    use Severity::{Error, Warning};
    type Expected = &'static [(&'static str, Severity)];
    let cases: [(&str, &str, &str, Expected); 9] = [
        ("routes.toml", "", "", &[]),
        (
            "routes.toml",
            "",
            "\n[[route]]\nname = \"pits\"\ntopics = [\"pit\"]\nbody = \"city-hall\"\n",
            &[("routes.toml:13 name: nothing reaches «pits»: «roads» comes first", Error)],
        ),
        (
            "routes.toml",
            "",
            "\n[[route]]\nname = \"water\"\ngroups = [\"water\"]\nbody = \"city-hall\"\n",
            &[
                ("routes.toml:13 groups: there is no topic group «water»", Error),
                ("routes.toml:13 name: nothing reaches «water»: its conditions never hold", Error),
            ],
        ),
        (
            "routes.toml",
            "groups = [\"roads\"]",
            "topics = [\"pit\"]",
            &[("routes.toml:1 route: no body is named for the topics sign", Warning)],
        ),
        (
            "bodies.toml",
            "channels = [{ kind = \"email\", address = \"all@r.example\" }]",
            "channels = []",
            &[("bodies.toml:2 channels: «governor» accepts cases and has no channel", Error)],
        ),
        (
            "bodies.toml",
            "coordinator = { name = \"А\", email = \"a@r.example\" }\n",
            "",
            &[(
                "bodies.toml:2 coordinator: «governor» has no coordinator for the ladder's «half»",
                Warning,
            )],
        ),
        (
            "bodies.toml",
            "level = \"municipal\"",
            "level = \"regional\"",
            &[
                ("routes.toml:8 name: nothing reaches «streets»: its conditions never hold", Error),
                ("territories.toml:2 id: «city» has no municipal body", Warning),
            ],
        ),
        (
            "terms.toml",
            "1, 2, 3, 4, 5",
            "1, 2, 3, 4",
            &[("terms.toml:0 importance: no terms for importance 5", Error)],
        ),
        ("calendar.toml", "[year.2026]", "[year.2026]\n# unchanged", &[]),
    ];
    for (name, from, to, expected) in cases {
        let mut files = files();
        let text = files.0.get_mut(&format!("regions/r/{name}")).unwrap();
        *text = if from.is_empty() { format!("{text}{to}") } else { text.replacen(from, to, 1) };
        let found = complaints(&files, &groups(), "2026-06-01");
        let expected: Vec<(String, Severity)> =
            expected.iter().map(|(text, severity)| ((*text).to_owned(), *severity)).collect();
        assert_eq!(found, expected, "{to}");
    }
}

#[test]
fn a_calendar_that_ends_soon() {
    for (today, soon) in
        [("2026-11-01", false), ("2026-11-02", false), ("2026-11-03", true), ("2027-02-01", true)]
    {
        let found = complaints(&files(), &groups(), today);
        assert_eq!(found.iter().any(|(text, _)| text.contains("calendar")), soon, "{today}");
    }
    let mut files = files();
    let terms = files.0.get_mut("regions/r/terms.toml").unwrap();
    *terms = terms.replace("7wd", "7d");
    assert_eq!(complaints(&files, &groups(), "2027-02-01"), [], "nobody asks the calendar");
}
