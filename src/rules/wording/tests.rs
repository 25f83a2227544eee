use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;

use crate::model::alarm::AlarmKind;
use crate::model::clock::ClockKind;
use crate::model::notice::NoticeKind;
use crate::model::time::zone;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Key → its variables, read from the file itself.
fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line.split_once(" =")
            && line.starts_with(|letter: char| letter.is_ascii_lowercase())
        {
            current = key.to_owned();
            assert!(keys.insert(current.clone(), BTreeSet::new()).is_none(), "{key} twice");
        }
        for after in line.split('$').skip(1) {
            let name: String = after
                .chars()
                .take_while(|one| one.is_ascii_alphanumeric() || *one == '_')
                .collect();
            keys.entry(current.clone()).or_default().insert(name);
        }
    }
    keys
}

#[test]
fn both_languages_have_the_same_keys_and_variables() {
    let (ru, en) = (keys(RU), keys(EN));
    let only = |one: &BTreeMap<String, BTreeSet<String>>, other: &BTreeMap<_, _>| -> Vec<String> {
        one.keys().filter(|key| !other.contains_key(*key)).cloned().collect()
    };
    assert_eq!(only(&ru, &en), Vec::<String>::new(), "missing in en.ftl");
    assert_eq!(only(&en, &ru), Vec::<String>::new(), "missing in ru.ftl");
    assert_eq!(ru, en);
    let wording = Wording::new();
    for key in ru.keys() {
        assert!(wording.has(key), "{key}");
        assert!(
            key.chars()
                .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || "-_".contains(one)),
            "{key}"
        );
    }
}

#[test]
fn no_key_is_a_mistake() {
    let asked = std::panic::catch_unwind(|| Wording::new().text(Lang::Ru, "no-such-text", &[]));
    assert!(asked.is_err());
}

#[test]
fn spans_of_time() {
    let cases = [
        (0, "меньше минуты", "less than a minute"),
        (59, "меньше минуты", "less than a minute"),
        (60, "1 мин", "1 min"),
        (3_599, "59 мин", "59 min"),
        (3_600, "1 ч", "1 h"),
        (7_800, "2 ч 10 мин", "2 h 10 min"),
        (86_400, "1 д", "1 d"),
        (90_061, "1 д 1 ч", "1 d 1 h"),
        (-5, "меньше минуты", "less than a minute"),
    ];
    let wording = Wording::new();
    for (secs, ru, en) in cases {
        assert_eq!(wording.duration(Lang::Ru, secs), ru);
        assert_eq!(wording.duration(Lang::En, secs), en);
    }
}

#[test]
fn before_and_after_a_deadline() {
    let wording = Wording::new();
    let due = at("2026-11-21T13:40:00Z");
    let cases = [
        ("2026-11-21T11:30:00Z", "осталось 2 ч 10 мин"),
        ("2026-11-21T13:40:00Z", "осталось меньше минуты"),
        ("2026-11-21T13:40:01Z", "просрочен на меньше минуты"),
        ("2026-11-21T16:40:00Z", "просрочен на 3 ч"),
    ];
    for (now, expected) in cases {
        let expected = expected.replace("просрочен на меньше минуты", "просрочен только что");
        assert_eq!(wording.until(Lang::Ru, due, at(now)), expected);
    }
}

#[test]
fn dates_on_the_clocks_of_the_zone() {
    let wording = Wording::new();
    let moscow = zone("Europe/Moscow").unwrap();
    let instant = at("2026-11-21T13:40:00Z");
    let now = at("2026-12-31T20:59:00Z");
    assert_eq!(wording.moment(Lang::Ru, instant, &moscow, now), "21 ноября, 16:40");
    assert_eq!(wording.moment(Lang::En, instant, &moscow, now), "21 November, 16:40");
    // A minute later it is next year in Moscow, and still this one in London.
    let next_year = at("2026-12-31T21:00:00Z");
    assert_eq!(wording.moment(Lang::Ru, instant, &moscow, next_year), "21 ноября 2026 года, 16:40");
    assert_eq!(wording.date(Lang::Ru, date(2026, 5, 9), 2026), "9 мая");
}

#[test]
fn languages_by_name() {
    for (text, lang) in [
        ("ru", Some(Lang::Ru)),
        ("RU-ru", Some(Lang::Ru)),
        ("en_GB", Some(Lang::En)),
        ("de", None),
        ("", None),
    ] {
        assert_eq!(Lang::parse(text), lang);
    }
}

#[test]
fn plurals() {
    let wording = Wording::new();
    let cases = [
        (1, 1, "1 сообщение от 1 автора"),
        (2, 2, "2 сообщения от 2 авторов"),
        (5, 21, "5 сообщений от 21 автора"),
        (11, 11, "11 сообщений от 11 авторов"),
        (22, 3, "22 сообщения от 3 авторов"),
    ];
    for (posts, authors, expected) in cases {
        let args = [("posts", Arg::Number(posts)), ("authors", Arg::Number(authors))];
        assert_eq!(wording.text(Lang::Ru, "notice-people", &args), expected);
    }
}

#[test]
fn a_notice_says_what_where_when_and_how_many() {
    let wording = Wording::new();
    let moscow = zone("Europe/Moscow").unwrap();
    let facts = NoticeFacts {
        kind: NoticeKind::Reminder,
        number: 17,
        topic: "Ямы на дороге",
        body: "Мэрия",
        place: "Череповец,\nпроспект Победы, 45",
        due_at: Some(at("2026-11-21T13:40:00Z")),
        clock: ClockKind::FirstAnswer,
        posts: 3,
        authors: 2,
        link: "https://otklik.example/incidents/17",
        unreachable: "",
    };
    let now = at("2026-11-21T11:30:00Z");
    let text = wording.notice(Lang::Ru, &facts, &moscow, now);
    assert_eq!(
        text.subject,
        "Напоминание: инцидент № 17, Ямы на дороге, Череповец, проспект Победы, 45"
    );
    for part in [
        "Что: Ямы на дороге",
        "Ответить до: 21 ноября, 16:40 (осталось 2 ч 10 мин)",
        "3 сообщения от 2 авторов",
        "Открыть: https://otklik.example/incidents/17",
    ] {
        assert!(text.body.contains(part), "{part}: {}", text.body);
    }
    for kind in NoticeKind::ALL.into_iter().filter(|kind| *kind != NoticeKind::Service) {
        for lang in Lang::ALL {
            let text = wording.notice(lang, &NoticeFacts { kind, ..facts.clone() }, &moscow, now);
            assert!(!text.subject.contains('\n') && text.subject.contains("17"), "{kind:?}");
        }
    }
}

#[test]
fn a_notice_about_sources_says_which_since_when_and_what_to_do() {
    let wording = Wording::new();
    let moscow = zone("Europe/Moscow").unwrap();
    let names: Vec<String> = (1..=30).map(|number| format!("Посёлок {number}")).collect();
    let link = "https://otklik.example/sources";
    for kind in AlarmKind::ALL {
        for (lang, since) in [(Lang::Ru, "21 ноября, 12:00"), (Lang::En, "21 November, 12:00")]
        {
            for names in [&names[..1], &names[..]] {
                let since_at = at("2026-11-21T09:00:00Z");
                let facts = ServiceFacts { kind, names, since: since_at, link };
                let text = wording.service_notice(lang, &facts, &moscow, since_at);
                let todo = wording.text(lang, &format!("alarm-do-{}", kind.as_str()), &[]);
                for part in [since, "Посёлок 1\n", link, &todo] {
                    assert!(text.body.contains(part), "{part}: {}", text.body);
                }
                assert!(!text.body.contains("Посёлок 30"), "the page has the others");
                let what = wording.text(lang, &format!("alarm-{}", kind.as_str()), &[]);
                assert!(text.subject.contains(&what), "{}", text.subject);
            }
        }
    }
}
