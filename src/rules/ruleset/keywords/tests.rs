use super::*;

const WEIGHTS_TEXT: &str = include_str!("../../../../keywords/_weights.toml");

fn files(group: &str) -> RulesetFiles {
    let mut files = RulesetFiles::default();
    files.0.insert("keywords/_weights.toml".to_owned(), weights_without_events());
    files.0.insert("keywords/roads.toml".to_owned(), group.to_owned());
    files
}

/// The shipped events are of topics that the files of these tests have not.
fn weights_without_events() -> String {
    let (before, after) = WEIGHTS_TEXT.split_once("[grouping.area.events]\n").unwrap();
    let (_, after) = after.split_once("\n\n").unwrap();
    format!("{before}[grouping.area.events]\n\n{after}")
}

fn check(topic: &str, expected: &[&str]) {
    let group = format!(
        "group = \"roads\"\nname = {{ ru = \"Дороги\", en = \"Roads\" }}\n[[topic]]\n{topic}"
    );
    let mut problems = Vec::new();
    parse_keywords(&files(&group), &mut problems);
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found}\n{expected}");
    }
}

const GOOD: &str = "id = \"pit\"\nname = { ru = \"Яма\", en = \"Pit\" }\nimportance = 2\n";

#[test]
fn what_is_wrong_is_named_with_its_line() {
    check(&format!("{GOOD}phrases = [\"яма\"]"), &[]);
    check(
        &format!("{GOOD}phrases = [\n\"яма\",\n\"(яма)\"]"),
        &["keywords/roads.toml:9: error: topic/pit/phrases/1: «(яма)»: there is no operator"],
    );
    check(&format!("{GOOD}phrases = [\"яма\", \"яма\"]"), &["stands here twice"]);
    check(
        &format!("{GOOD}frases = [\"яма\"]"),
        &["roads.toml:7: error: frases: unknown field `frases`"],
    );
    check(GOOD, &["roads.toml:4: error: topic/pit: a topic needs phrases or hints"]);
    check(&format!("{GOOD}phrases = [\"яма\"]").replace("= 2", "= 6"), &["importance is 1 to 5"]);
    check(
        &format!("{GOOD}phrases = [\"яма\"]\n[[topic]]\n{GOOD}hints = [\"яма\"]"),
        &["roads.toml:9: error: topic/pit: this id is used twice"],
    );
    check("id = ", &["roads.toml:4"]);
}

#[test]
fn numbers_of_repetitions_lie_where_they_mean_something() {
    let wrong = |from: &str, to: &str| {
        let mut files = files("group = \"a\"\nname = { ru = \"А\", en = \"A\" }");
        let text = weights_without_events().replace(from, to);
        assert_ne!(text, weights_without_events(), "{from}");
        files.0.insert("keywords/_weights.toml".to_owned(), text);
        let mut problems = Vec::new();
        let keywords = parse_keywords(&files, &mut problems);
        (problems.iter().map(ToString::to_string).collect::<Vec<_>>(), keywords.weights)
    };
    for (from, to, said) in [
        ("days = 180", "days = 367", "grouping.repeat/days: `days` is 1 to 366"),
        ("days = 30 ", "days = 367 ", "grouping.reopen/days: `days` is 0 to 366"),
        ("times = 3", "times = 1", "grouping.systemic/times: `times` is 2 to 100"),
        ("days = 120", "days = 0", "grouping.systemic/days: `days` is 1 to 3660"),
        ("places = 4", "places = 2", "grouping.area/places: `places` is 3 to 100"),
        ("hours = 12", "hours = 0", "grouping.area/hours: `hours` is 1 to 168"),
        ("burst = 4.0", "burst = 0.5", "grouping.area/burst: `burst` is 1 to 1000"),
        ("days = 14", "days = 61", "grouping.area/days: `days` is 1 to 60"),
        ("score = 0.9 ", "score = 1.5 ", "grouping.merge/score: `score` is 0 to 1"),
        ("authors = 5", "authors = 1", "grouping.campaign/authors: `authors` is 2 to 1000"),
        ("hours = 24", "hours = 0", "grouping.campaign/hours: `hours` is 1 to 744"),
    ] {
        let (problems, _) = wrong(from, to);
        let table = said.split('/').next().unwrap();
        let before = WEIGHTS_TEXT.split(&format!("[{table}]")).next().unwrap();
        let line = before.lines().count() + 1;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].contains(&format!("_weights.toml:{line}: error: {said}")),
            "{problems:?}"
        );
    }
    let table = WEIGHTS_TEXT.split("[grouping.systemic]").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    let (problems, weights) = wrong(&format!("[grouping.systemic]{table}"), "");
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(
        weights.unwrap().grouping.systemic,
        None,
        "older rulesets know no systemic problems"
    );
    let (problems, _) =
        wrong("[grouping.area.events]", "[grouping.area.events]\nflood = [\"sea\"]");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("warning: grouping.area.events/flood: there is no topic «sea»"));
}

#[test]
fn a_topic_says_how_soon_it_is_the_same_matter_again_or_its_group_does() {
    let read = |group: &str, topic: &str| {
        let text = format!(
            "group = \"roads\"\nname = {{ ru = \"Дороги\", en = \"Roads\" }}\n{group}[[topic]]\n\
             {GOOD}{topic}phrases = [\"яма\"]"
        );
        let mut problems = Vec::new();
        let keywords = parse_keywords(&files(&text), &mut problems);
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        (keywords.groups.first().map(|group| group.topics[0].reopen_hours), problems)
    };
    let hours = |group, topic| {
        let (hours, problems) = read(group, topic);
        assert!(problems.is_empty(), "{problems:?}");
        hours.unwrap()
    };
    assert_eq!(hours("", ""), None);
    assert_eq!(hours("reopen = \"4d\"\n", ""), Some(96));
    assert_eq!(hours("reopen = \"4d\"\n", "reopen = \"24h\"\n"), Some(24));
    assert_eq!(hours("reopen = \"4d\"\n", "reopen = \"0h\"\n"), Some(0));
    for (group, topic, said) in [
        (
            "reopen = \"soon\"\n",
            "",
            "roads.toml:3: error: group/roads/reopen: `reopen` is a number",
        ),
        ("", "reopen = \"367d\"\n", "roads.toml:7: error: topic/pit/reopen: `reopen` is a number"),
        ("", "reopen = 24\n", "roads.toml:7: error: reopen: invalid type"),
    ] {
        let (_, problems) = read(group, topic);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(said), "{problems:?}");
    }
}

#[test]
fn weights_are_needed_and_other_names_are_refused() {
    let mut files = files("group = \"a\"\nname = { ru = \"А\", en = \"A\" }");
    files.0.remove("keywords/_weights.toml");
    files.0.insert("keywords/_other.toml".to_owned(), String::new());
    let mut problems = Vec::new();
    parse_keywords(&files, &mut problems);
    let found: Vec<&str> = problems.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(found, ["keywords/_other.toml", "keywords/_weights.toml"]);
}
