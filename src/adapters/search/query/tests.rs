use jiff::tz::TimeZone;

use super::*;

fn named(id: &str, name: &str) -> Named {
    Named { id: id.to_owned(), names: vec![name.to_owned()] }
}

fn names() -> Names {
    Names {
        groups: vec![named("roads", "Дороги"), named("water", "Вода и канализация")],
        topics: vec![
            named("road-potholes", "Ямы и выбоины на дороге"),
            named("road-signs", "Дорожные знаки"),
            named("water-none", "Нет воды"),
        ],
        territories: vec![
            named("vologda", "Город Вологда"),
            named("vologodsky", "Вологодский район"),
            named("sokolsky", "Сокольский округ"),
        ],
        sources: vec![named("vk:wall:-1", "Сокол: городская доска")],
        forms: BTreeMap::from([("лёд".to_owned(), vec!["льда".to_owned(), "льду".to_owned()])]),
        zone: TimeZone::get("Europe/Moscow").unwrap(),
    }
}

use std::collections::BTreeMap;

fn parsed(text: &str) -> Vec<Clause> {
    Query::parse(text, &names()).unwrap_or_else(|error| panic!("{text}: {error}")).clauses
}

fn one(text: &str) -> Test {
    let mut clauses = parsed(text);
    assert_eq!(clauses.len(), 1, "{text}: {clauses:?}");
    clauses.remove(0).test
}

fn word(stem: &str) -> Test {
    Test::Word(WordTest { stem: stem.to_owned(), forms: Vec::new() })
}

fn phrase(words: &[&str]) -> Test {
    Test::Phrase(words.iter().map(|word| (*word).to_owned()).collect())
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn words_phrases_and_noes() {
    let clauses = parsed("Дорогами -реклама \"прорвало трубу\" -«на продажу» −снег");
    let expected = [
        (false, word("дорог")),
        (true, word("реклам")),
        (false, phrase(&["прорвало", "трубу"])),
        (true, phrase(&["на", "продажу"])),
        (true, word("снег")),
    ];
    let expected: Vec<Clause> =
        expected.into_iter().map(|(negated, test)| Clause { negated, test }).collect();
    assert_eq!(clauses, expected);
}

#[test]
fn one_piece_of_a_question() {
    let territory = |ids: &[&str]| {
        Test::Territory(ids.iter().map(|id| TerritoryId((*id).to_owned())).collect())
    };
    let topics = |topics: &[&str], groups: &[&str]| {
        Test::Topic(TopicTest {
            topics: topics.iter().map(|id| TopicId((*id).to_owned())).collect(),
            groups: groups.iter().map(|id| (*id).to_owned()).collect(),
        })
    };
    let table = [
        ("ЕЛЬ", word("ел")),
        ("ул.Мира", phrase(&["ул", "мира"])),
        ("\"яма\"", phrase(&["яма"])),
        ("https://example.org", phrase(&["https", "example", "org"])),
        ("12:30", phrase(&["12", "30"])),
        ("тема:дороги", topics(&[], &["roads"])),
        ("ТЕМА:Дорог", topics(&[], &["roads"])),
        ("topic:road-potholes", topics(&["road-potholes"], &[])),
        ("тема:ямы", topics(&["road-potholes"], &[])),
        ("тема:\"нет воды\"", topics(&["water-none"], &[])),
        ("тема:знаки", topics(&["road-signs"], &[])),
        ("сеть:VK", Test::Network(vec!["vk".to_owned()])),
        ("сеть:вконтакте", Test::Network(vec!["vk".to_owned()])),
        ("network:mastodon", Test::Network(vec!["mastodon".to_owned()])),
        ("источник:vk:wall:-1", Test::Source(vec!["vk:wall:-1".to_owned()])),
        ("источник:сокол", Test::Source(vec!["vk:wall:-1".to_owned()])),
        ("source:tg:x", Test::Source(vec!["tg:x".to_owned()])),
        ("район:вологда", territory(&["vologda"])),
        ("район:вологодский", territory(&["vologodsky"])),
        ("territory:sokolsky", territory(&["sokolsky"])),
        ("id:vk:-1_2", Test::Post("vk:-1_2".to_owned())),
        ("вид:жалоба", Test::Complaint),
        ("с:2026-11-01", Test::Since(instant("2026-10-31T21:00:00Z"))),
        ("c:01.11.2026", Test::Since(instant("2026-10-31T21:00:00Z"))),
        ("по:2026-11-30", Test::Until(instant("2026-11-30T21:00:00Z"))),
        ("until:2026-11-30T10:00:00Z", Test::Until(instant("2026-11-30T10:00:00Z"))),
        (
            "автор:\"Иван Петров\"",
            Test::Author {
                id: "Иван Петров".to_owned(),
                words: vec!["иван".to_owned(), "петров".to_owned()],
            },
        ),
    ];
    for (text, expected) in table {
        assert_eq!(one(text), expected, "{text}");
    }
}

#[test]
fn forms_that_the_stemmer_tears_away_come_along() {
    let Test::Word(found) = one("льду") else { panic!("not a word") };
    assert_eq!(found.forms, ["лед", "льда", "льду"]);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let field = |name: &str| QueryProblem::UnknownField(name.to_owned());
    let value = |field: &str, value: &str| QueryProblem::UnknownValue {
        field: field.to_owned(),
        value: value.to_owned(),
    };
    let table = [
        ("яма погода:снег", "погода:снег", field("погода")),
        ("-погода:", "-погода:", field("погода")),
        ("яма тема:", "тема:", QueryProblem::NoValue("тема".to_owned())),
        ("тема:балет яма", "тема:балет", value("тема", "балет")),
        ("район:\"Нет такого\"", "район:\"Нет такого\"", value("район", "Нет такого")),
        ("с:вчера", "с:вчера", QueryProblem::NotADate("вчера".to_owned())),
        ("по:2026-13-40", "по:2026-13-40", QueryProblem::NotADate("2026-13-40".to_owned())),
        ("яма \"на дороге", "\"на дороге", QueryProblem::UnclosedQuote),
        ("!!! --", "!!! --", QueryProblem::Nothing),
    ];
    for (text, place, problem) in table {
        let error = Query::parse(text, &names()).unwrap_err();
        assert_eq!((error.at.of(text), &error.problem), (place, &problem), "{text}");
    }
}

#[test]
fn hostile_questions_end_in_a_word_not_in_a_panic() {
    let long = "а ".repeat(QUERY_MAX_CHARS);
    assert_eq!(Query::parse(&long, &names()).unwrap_err().problem, QueryProblem::TooLong);
    let many = "а ".repeat(CLAUSES_MAX + 1);
    assert_eq!(Query::parse(&many, &names()).unwrap_err().problem, QueryProblem::TooManyParts);
    for text in ["", " ", "-", "\"\"", "«»", ":", "::", "-\"\"", "”а“", "а:«", "\u{0}", "🚒", "--а"]
    {
        // Either is an answer.
        let _ = Query::parse(text, &names());
    }
    assert_eq!(parsed("").len(), 0);
}

proptest::proptest! {
    #[test]
    fn any_line_is_read(text in "[ \\-:\"«»“”a-zа-яё0-9\u{301}\u{ad}🚒]{0,60}") {
        if let Err(error) = Query::parse(&text, &names()) {
            assert!(text.get(error.at.start as usize..error.at.end as usize).is_some());
        }
    }
}
