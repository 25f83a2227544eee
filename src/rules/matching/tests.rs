use proptest::prelude::*;

use crate::model::finding::TopicOrigin;
use crate::model::post::{Network, PostKey};
use crate::model::region::Name;
use crate::model::ruleset::RulesetHash;
use crate::model::source::SourceId;
use crate::model::time::Timestamp;
use crate::model::topic::{Scale, SignalKind, Topic, TopicGroup};
use crate::rules::places::tests::region;

use super::*;

fn post(text: &str) -> Post {
    Post::of_text(
        PostKey { network: Network("vk".to_owned()), native_id: "1".to_owned() },
        text.to_owned(),
        Timestamp::UNIX_EPOCH,
    )
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

fn topic(id: &str, phrases: &[&str], hints: &[&str], exclude: &[&str]) -> Topic {
    Topic {
        id: TopicId(id.to_owned()),
        name: Name::default(),
        importance: 3,
        scale: Scale::Municipal,
        phrases: texts(phrases),
        hints: texts(hints),
        exclude: texts(exclude),
        distance: None,
        reopen_hours: None,
        general: false,
        matches: Vec::new(),
        ignores: Vec::new(),
    }
}

fn signal(id: &str, kind: SignalKind, weight: f64, phrases: &[&str]) -> Signal {
    Signal {
        id: id.to_owned(),
        kind,
        weight,
        phrases: texts(phrases),
        exclude: Vec::new(),
        matches: Vec::new(),
        ignores: Vec::new(),
    }
}

fn ruleset(topics: Vec<Topic>) -> Ruleset {
    Ruleset {
        hash: RulesetHash("0".to_owned()),
        groups: vec![TopicGroup { id: "group".to_owned(), name: Name::default(), topics }],
        forms: [("лёд".to_owned(), texts(&["льда", "льду"]))].into(),
        signals: vec![
            signal("asks", SignalKind::Complaint, 1.0, &["прошу|просим"]),
            signal("sale", SignalKind::Advert, 3.0, &["=продам"]),
            signal("news", SignalKind::News, 1.0, &["сообщает"]),
        ],
        risks: vec![Risk {
            id: "children".to_owned(),
            name: Name::default(),
            raises: 1,
            phrases: texts(&["дети|ребёнок"]),
            exclude: Vec::new(),
            figures: texts(&["дети|ребёнок =довёл|=довели"]),
            matches: Vec::new(),
            ignores: Vec::new(),
        }],
        weights: toml::from_str(include_str!("../../../keywords/_weights.toml")).unwrap(),
        ranking: None,
        region: region(),
        origins: Default::default(),
        warnings: Vec::new(),
    }
}

fn lamps() -> Ruleset {
    ruleset(vec![topic("lamps", &["не_горит|погас фонарь|лампа"], &["освещение"], &["фонарик"])])
}

fn read(ruleset: &Ruleset, text: &str) -> Finding {
    Matcher::new(ruleset).read(&mut WordMemo::default(), &post(text), None)
}

fn check(text: &str, verdict: Verdict, topics: &[&str]) {
    let finding = read(&lamps(), text);
    let found: Vec<&str> = finding.topics.iter().map(|found| found.topic.0.as_str()).collect();
    assert_eq!((finding.verdict, found.as_slice()), (verdict, topics), "{text}");
}

#[test]
fn phrases_hints_exclusions_and_noise() {
    use Verdict::{Empty, Matched, NoTopic, NotAComplaint};
    check("Второй день не горят фонари", Matched, &["lamps"]);
    check("Фонари на Ленина опять не горят", Matched, &["lamps"]);
    check("фонари не всегда горят", NoTopic, &[]);
    check("Не горят. Фонари новые", NoTopic, &[]);
    check("не горит один два три четыре пять фонарь", Matched, &["lamps"]);
    check("не горит один два три четыре пять шесть фонарь", NoTopic, &[]);
    check("не горят фонари, купил фонарик", NoTopic, &[]);
    check("освещение есть", NoTopic, &[]);
    check("прошу наладить освещение", Matched, &["lamps"]);
    check("продам: не горит фонарь", NotAComplaint, &["lamps"]);
    check("сообщает: не горят фонари", Matched, &["lamps"]);
    check("!!! 12 😀", Empty, &[]);
    check("", Empty, &[]);
}

#[test]
fn evidence_says_which_words() {
    let text = "Ребёнок боится: во дворе погасли фонари, нет освещения";
    let finding = read(&lamps(), text);
    let evidence = &finding.topics[0].evidence;
    let words: Vec<&str> = evidence[0].spans.iter().map(|span| span.of(text)).collect();
    assert_eq!(evidence[0].keyword, "не_горит|погас фонарь|лампа");
    assert_eq!(words, ["погасли", "фонари"]);
    assert_eq!(evidence[1].keyword, "освещение");
    assert_eq!(finding.importance, 4);
    assert_eq!(finding.risks[0].risk, "children");
    assert_eq!(finding.lang, "ru");
}

#[test]
fn forms_exact_words_prefixes() {
    let rules = ruleset(vec![
        topic("ice", &["лёд"], &[], &[]),
        topic("exact", &["=фонарей"], &[], &[]),
        topic("prefix", &["провод*"], &[], &[]),
    ]);
    let first = |text: &str| read(&rules, text).topics.first().map(|found| found.topic.0.clone());
    assert_eq!(first("сколько льда").as_deref(), Some("ice"));
    assert_eq!(first("нет ФОНАРЕЙ").as_deref(), Some("exact"));
    assert_eq!(first("фонари"), None);
    assert_eq!(first("электропровод"), None);
    assert_eq!(first("проводка искрит").as_deref(), Some("prefix"));
}

#[test]
fn the_best_topic_comes_first_and_scores_saturate() {
    let rules = ruleset(vec![
        topic("weak", &["фонарь"], &[], &[]),
        topic("strong", &["фонарь", "темно"], &[], &[]),
    ]);
    let finding = read(&rules, "Темно, фонарь разбит");
    assert_eq!(finding.topics[0].topic.0, "strong");
    assert!(finding.topics.iter().all(|found| (0.0..1.0).contains(&found.score)));
}

#[test]
fn a_body_s_own_account_never_opens_an_incident() {
    let source = Source {
        id: SourceId("vk:wall:-1".to_owned()),
        own: Some(crate::model::body::BodyId("city".to_owned())),
        ..Source::of("vk", "wall", "-1")
    };
    let mut rules = lamps();
    rules.region.sources.push(source.clone());
    let own = Post { source: Some(source.id.clone()), ..post("не горят фонари") };
    let finding = Matcher::new(&rules).read(&mut WordMemo::default(), &own, Some(&source));
    assert_eq!(finding.verdict, Verdict::OwnAccount);
}

#[test]
fn a_flood_of_one_word_is_read_in_time() {
    let finding = read(&lamps(), &"не горит фонарь лампа погас ".repeat(20_000));
    assert_eq!(finding.verdict, Verdict::Matched);
    let rules = ruleset(vec![topic("long", &["а|б б|а а|б б|а а|б нет"], &[], &[])]);
    assert_eq!(read(&rules, &"а б ".repeat(50_000)).verdict, Verdict::NoTopic);
}

/// Words as people type them, through the whole reading: the topic that is
/// heard, and the words of the text as written that it was heard in.
fn check_heard(text: &str, expected: Option<(&str, &[&str])>) {
    let rules = ruleset(vec![
        topic("lamps", &["не_горит фонарь"], &[], &[]),
        topic("water", &["нет вода"], &[], &[]),
        topic("heat", &["отопление|коммунальные слабое|дорогие"], &[], &[]),
    ]);
    let finding = read(&rules, text);
    let heard = finding.topics.first().map(|found| {
        let words = found.evidence[0].spans.iter().map(|span| span.of(text)).collect::<Vec<_>>();
        (found.topic.0.clone(), words)
    });
    let expected = expected.map(|(topic, words)| (topic.to_owned(), words.to_vec()));
    assert_eq!(heard, expected, "{text}");
}

#[test]
fn words_as_people_type_them() {
    let water = |text: &str, words: &[&str]| check_heard(text, Some(("water", words)));
    water("НЕТ ВОДЫ", &["НЕТ", "ВОДЫ"]);
    water("нeт вoды", &["нeт", "вoды"]);
    water("HET воды", &["HET", "воды"]);
    water("нееееет водыыы!!!!", &["нееееет", "водыыы"]);
    water("не-е-ет воды", &["не-е-ет", "воды"]);
    water("света,воды,газа нет.Когда дадут", &["воды", "нет"]);
    water("х*йня нет воды", &["нет", "воды"]);
    water("нет, п*здец, воды", &["нет", "воды"]);
    water("💧нет👨\u{200d}👩\u{200d}👧воды👍🏽", &["нет", "воды"]);
    water("нет😡😡воды", &["нет", "воды"]);
    water("#НетВоды", &["Нет", "Воды"]);
    water("#нетводы", &["нет", "воды"]);
    water("#нет_воды", &["нет", "воды"]);
    water("#НЕТВОДЫ третий день", &["НЕТ", "ВОДЫ"]);
    water("не\u{200b}т во\u{ad}ды", &["не\u{200b}т", "во\u{ad}ды"]);
    water("нет во\u{301}ды", &["нет", "во\u{301}ды"]);
    water("нет\u{a0}воды", &["нет", "воды"]);
    water("нет во-\nды", &["нет", "во-\nды"]);
    water("нет «воды» \"горячей\"", &["нет", "воды"]);
    water("нет в0ды", &["нет", "в0ды"]);
    water("djls ytn", &["djls", "ytn"]);
    water("Ytn djls dnjhjq ltym!", &["Ytn", "djls"]);
    check_heard("фонари негорят", Some(("lamps", &["фонари", "негорят"])));
    water("воды нету", &["воды", "нету"]);
    check_heard("водянка нет", None);
}

#[test]
fn a_slip_in_a_long_word_is_borne_and_another_word_is_not() {
    let heat = |text: &str, words: &[&str]| check_heard(text, Some(("heat", words)));
    heat("слабое атопление", &["слабое", "атопление"]);
    heat("отоплени слабое", &["отоплени", "слабое"]);
    heat("слабое отпление", &["слабое", "отпление"]);
    heat("слабое отолпение", &["слабое", "отолпение"]);
    heat("дорогие каммунальные", &["дорогие", "каммунальные"]);
    heat("дорогие комунальные", &["дорогие", "комунальные"]);
    check_heard("слабое оправление", None);
    check_heard("слабое отоплялово", None);
    check_heard("слабое пополнение", None);
}

#[test]
fn abbreviations_are_words_of_their_own() {
    const SHORT: [&str; 15] = [
        "ул", "мкр", "УК", "ТКО", "ГВС", "ХВС", "ДК", "ЦРБ", "пгт", "ЖКХ", "МКД", "СНТ", "ФАП",
        "ТСЖ", "КНС",
    ];
    for short in SHORT {
        let rules = ruleset(vec![topic("short", &[&format!("{short} закрыт|стоит")], &[], &[])]);
        let is_heard = |text: &str| !read(&rules, text).topics.is_empty();
        let lower = short.to_lowercase();
        for text in [
            format!("{short} закрыт"),
            format!("{lower} закрыт"),
            format!("Стоит «{short}»"),
            format!("стоит {short}. Ждём"),
            format!("стоит,{short},темно"),
            format!("стоит #{short}"),
        ] {
            assert!(is_heard(&text), "{text}");
        }
        let initials = short.chars().map(|letter| format!("{letter}. ")).collect::<String>();
        for text in [
            format!("{initials}закрыт"),
            format!("{lower}ло закрыт"),
            format!("{lower}{lower} закрыт"),
            format!("за{lower} закрыт"),
        ] {
            assert!(!is_heard(&text), "{text}");
        }
    }
    let rules = ruleset(vec![
        topic("uk", &["УК молчит"], &[], &[]),
        topic("fap", &["ФАП закрыли"], &[], &[]),
    ]);
    let first = |text: &str| read(&rules, text).topics.first().map(|found| found.topic.0.clone());
    assert_eq!(first("уку молчит, уки молчат"), None);
    assert_eq!(first("УК молчит").as_deref(), Some("uk"));
    assert_eq!(first("фельдшера нет, закрыли ФАПы").as_deref(), Some("fap"));
}

#[test]
fn posts_in_other_languages_go_on_with_what_can_be_done() {
    let rules = lamps();
    let kazakh = read(&rules, "Вологда, Гоголя 5: көшеде жарық жоқ, екі күн болды");
    assert_eq!(kazakh.lang, "kk");
    assert_eq!(kazakh.places[0].street.as_deref(), Some("Гоголя"));
    assert_eq!(kazakh.places[0].house.as_deref(), Some("5"));
    assert!(kazakh.marks.iter().any(|mark| mark.mark == "address"));
    assert!(0.4 < kazakh.specificity, "{}", kazakh.specificity);
    // With a general topic an address is enough for a person to look at it.
    let general = Topic { general: true, ..topic("other", &[], &[], &[]) };
    let found = read(&ruleset(vec![general]), "Вологда, Гоголя 5: көшеде жарық жоқ");
    assert_eq!((found.verdict, &*found.topics[0].topic.0), (Verdict::Matched, "other"));
    let english = read(&rules, "The street lamp near Вологда, Гоголя 5 is broken again");
    assert_eq!(english.places[0].street.as_deref(), Some("Гоголя"));
    let mixed = read(&rules, "Урамда ут юк, фонарь не горит инде өч көн");
    assert_eq!((&*mixed.lang, &*mixed.topics[0].topic.0), ("tt", "lamps"));
}

#[test]
fn several_matters_each_with_its_words() {
    let rules = ruleset(vec![
        topic("water", &["нет вода"], &[], &[]),
        Topic { importance: 2, ..topic("lamps", &["не_горит фонарь"], &[], &[]) },
    ]);
    let text = "Добрый день! На Гоголя нет воды. И фонарь не горит";
    let mut finding = read(&rules, text);
    // Of one group only what stands in sentences of its own is a further matter.
    let quoted = |finding: &Finding| -> Vec<(String, Vec<String>)> {
        let spans = |spans: &[Span]| spans.iter().map(|span| span.of(text).to_owned()).collect();
        finding.matters.iter().map(|one| (one.topic.0.clone(), spans(&one.spans))).collect()
    };
    let mut found = quoted(&finding);
    found.sort();
    let expected = [
        ("lamps".to_owned(), vec!["И фонарь не горит".to_owned()]),
        ("water".to_owned(), vec!["На Гоголя нет воды".to_owned()]),
    ];
    assert_eq!(found, expected);
    assert_eq!(finding.matters[0].topic, finding.topics[0].topic);
    // A comment's matter is named by the post above, and stays where it is told.
    finding.topic_origin = TopicOrigin::General;
    let above = read(&rules, "Нет воды");
    let below = Matcher::new(&rules).below(finding.clone(), &above);
    assert_eq!((below.matters.len(), &*below.matters[0].topic.0), (1, "water"));
    assert_eq!(below.matters[0].spans, finding.matters[0].spans);
}

#[test]
fn a_figure_of_speech_is_no_danger_and_hides_none() {
    let mut rules = lamps();
    rules.risks[0].phrases = texts(&["умер|погиб человек|люди|из_за"]);
    rules.risks[0].figures = texts(&["умер|погиб =лифт|=светофор", "умер =от_скуки"]);
    let words = |text: &str| -> Vec<String> {
        let spans = read(&rules, text).risks.into_iter().flat_map(|risk| risk.spans);
        spans.map(|span| span.of(text).to_owned()).collect()
    };
    assert!(words("Светофор умер, люди бегут").is_empty());
    assert!(words("Из-за грозы умер лифт").is_empty());
    assert!(words("Люди умерли от скуки").is_empty(), "it holds no word less");
    assert_eq!(words("Человек умер, лифт стоял"), ["Человек", "умер"]);
    assert_eq!(words("В лифте умер человек"), ["умер", "человек"]);
    // Another sentence is another danger.
    assert_eq!(words("Умер лифт, люди идут. На нём погиб человек"), ["погиб", "человек"]);
}

/// A keyword's beginning meets words that are read as two.
#[test]
fn a_prefix_meets_a_denied_verb_written_as_one_word() {
    let rules = ruleset(vec![topic("lamps", &["негор* фонарь"], &[], &["негоря*"])]);
    let topics = |text: &str| topics_of(&rules, text);
    assert_eq!(topics("фонарь негорит"), ["lamps"]);
    assert!(topics("фонарь горит").is_empty());
    assert!(topics("фонарь не горит").is_empty(), "two words are not what the editor wrote");
    assert!(topics("фонарь негорящий").is_empty());
    // What was read of one is not taken for what the other is.
    assert_eq!(topics("горит и не горит фонарь негорит"), ["lamps"]);
}

const WORDS: &str = "(не|горит|фонарь|лампа|темно|прошу|продам|фонарик|дом|5|[.,!]|[a-zа-я]{1,3})";
const PHRASE: &str = "(фонарь|=лампа|не_горит|темн\\*|дом)(\\|дом)?( (горит|лампа|прошу))?";

fn topics_of(ruleset: &Ruleset, text: &str) -> Vec<String> {
    let mut topics: Vec<String> =
        read(ruleset, text).topics.into_iter().map(|found| found.topic.0).collect();
    topics.sort();
    topics
}

proptest! {
    #[test]
    fn evidence_lies_inside_the_text(words in prop::collection::vec(WORDS, 0..20)) {
        let text = words.join(" ");
        let finding = read(&lamps(), &text);
        for span in finding.topics.iter().flat_map(|found| &found.evidence).flat_map(|one| &one.spans) {
            prop_assert!(!span.of(&text).is_empty());
        }
    }

    #[test]
    fn a_keyword_more_never_loses_a_topic(
        words in prop::collection::vec(WORDS, 0..15),
        phrase in PHRASE,
    ) {
        let text = words.join(" ");
        let before = lamps();
        let mut after = before.clone();
        after.groups[0].topics[0].phrases.push(phrase);
        let (before, after) = (topics_of(&before, &text), topics_of(&after, &text));
        prop_assert!(before.iter().all(|topic| after.contains(topic)));
    }

    #[test]
    fn an_exclusion_more_never_adds_one(
        words in prop::collection::vec(WORDS, 0..15),
        phrase in PHRASE,
    ) {
        let text = words.join(" ");
        let before = lamps();
        let mut after = before.clone();
        after.groups[0].topics[0].exclude.push(phrase);
        let (before, after) = (topics_of(&before, &text), topics_of(&after, &text));
        prop_assert!(after.iter().all(|topic| before.contains(topic)));
    }

    #[test]
    fn nothing_stops_it(text in any::<String>()) {
        read(&lamps(), &text);
    }
}

#[test]
fn evidence_names_a_long_phrase_by_its_first_alternatives() {
    assert_eq!(phrase::short("крыша|кровля|чердак течёт|льёт"), "крыша|кровля|… течёт|льёт");
    assert_eq!(phrase::short("лифт"), "лифт");
}
