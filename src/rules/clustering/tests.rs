use crate::model::finding::{Finding, TopicMatch, Verdict};
use crate::model::incident::{Apart, AssignmentKind, IncidentId};
use crate::model::place::Place;
use crate::model::position::Position;
use crate::model::post::{Network, Post, PostKey, StoredPost};
use crate::model::region::TerritoryId;
use crate::model::text::Span;
use crate::model::time::{Timestamp, from_ms};
use crate::model::topic::TopicId;
use crate::rules::clustering::{Asked, PAST_DAYS, PAST_INCIDENTS, Placement, PostFeatures, Rarity};
use crate::rules::clustering::{Window, features};
use crate::rules::places::{FROM_SOURCE, HOME_ADDRESS};
use crate::rules::ruleset::{GroupingWeights, Part, Weights};
use crate::rules::text::stem::StemMemo;

mod bridges;
mod likeness;
mod partings;
mod rebuilding;
mod threads;

const HOUR_MS: i64 = 3_600_000;

pub(super) fn weights() -> GroupingWeights {
    let weights: Weights = toml::from_str(include_str!("../../../keywords/_weights.toml")).unwrap();
    weights.grouping
}

/// A post about to be placed; the number is its position and its hour.
#[derive(Clone)]
pub(super) struct Case {
    number: u64,
    text: String,
    network: &'static str,
    parent: Option<PostKey>,
    repost_of: Option<PostKey>,
    topic: Option<(&'static str, &'static str)>,
    place: Option<Place>,
}

pub(super) fn post(number: u64, text: &str) -> Case {
    Case {
        number,
        text: text.to_owned(),
        network: "vk",
        parent: None,
        repost_of: None,
        topic: None,
        place: None,
    }
}

impl Case {
    fn on(self, network: &'static str) -> Case {
        Case { network, ..self }
    }

    /// In a municipality; none where it is empty.
    pub(super) fn of(self, territory: &str) -> Case {
        let territory = (!territory.is_empty()).then(|| TerritoryId(territory.to_owned()));
        let place = Place { territory, ..self.place.unwrap_or_default() };
        Case { place: Some(place), ..self }
    }

    pub(super) fn about(self, topic: &'static str, group: &'static str) -> Case {
        Case { topic: Some((topic, group)), ..self }
    }

    pub(super) fn at(self, street: &str, house: &str) -> Case {
        let house = (!house.is_empty()).then(|| house.to_owned());
        let spans = word_like(&self.text, street).into_iter().collect();
        let place = Place { street: Some(street.to_owned()), house, spans, ..Place::default() };
        Case { place: Some(place), ..self }
    }

    fn in_quarter(self, quarter: &str, house: &str) -> Case {
        let (object, house) = (Some(quarter.to_owned()), Some(house.to_owned()));
        Case { place: Some(Place { object, house, ..Place::default() }), ..self }
    }

    fn key(&self) -> PostKey {
        PostKey { network: Network(self.network.to_owned()), native_id: self.number.to_string() }
    }

    pub(super) fn features(&self) -> PostFeatures {
        let written_at = from_ms(self.number as i64 * HOUR_MS);
        let post = Post {
            parent_id: self.parent.as_ref().map(|parent| parent.native_id.clone()),
            is_repost_of: self.repost_of.clone(),
            ..Post::of_text(self.key(), self.text.clone(), written_at)
        };
        let stored =
            StoredPost { position: Position(self.number), first_seen_at: written_at, post };
        features(&mut StemMemo::default(), &stored, &self.finding())
    }

    fn finding(&self) -> Finding {
        let topic = self.topic.map(|(topic, group)| TopicMatch {
            topic: TopicId(topic.to_owned()),
            group: group.to_owned(),
            score: 0.9,
            evidence: Vec::new(),
            learned: None,
        });
        Finding {
            verdict: Verdict::Matched,
            lang: "ru".to_owned(),
            topics: topic.into_iter().collect(),
            topic_origin: Default::default(),
            matters: Vec::new(),
            signals: Vec::new(),
            marks: Vec::new(),
            complaint_score: 1.0,
            concreteness: 0.7,
            kind: None,
            places: self.place.clone().into_iter().collect(),
            risks: Vec::new(),
            importance: 3,
            specificity: 0.5,
        }
    }
}

/// The word that is a name in some case: all but its ending is the same.
fn word_like(text: &str, name: &str) -> Option<Span> {
    let stem: String = name.chars().take(name.chars().count() - 2).collect();
    let start = text.find(&stem)?;
    let letters = text[start..].find(|c: char| !c.is_alphabetic());
    Some(Span { start: start as u32, end: (start + letters.unwrap_or(text.len() - start)) as u32 })
}

/// Posts of an ordinary week: what makes other words rare.
const EVERYDAY: [&str; 12] = [
    "Во дворе дома не убирают снег, дворника не видели с начала месяца",
    "Автобус опять не пришёл по расписанию, стояли на морозе сорок минут",
    "Не вывозят мусор, контейнеры переполнены, ветер разносит пакеты",
    "В подъезде холодно, батареи чуть тёплые, управляющая молчит",
    "Не работает лифт, пожилые люди не могут выйти на улицу",
    "На дороге глубокая яма, машины объезжают по встречной полосе",
    "Нет горячей воды вторую неделю, обещали дать ещё в пятницу",
    "Очередь в поликлинике, талонов к терапевту нет на месяц вперёд",
    "Собаки без хозяев бегают стаей возле остановки, дети боятся",
    "Тротуар не посыпают песком, люди падают каждый день",
    "Фонари не горят вечером, дети идут из школы в темноте",
    "Управляющая компания прислала счёт за отопление в два раза больше",
];

fn lived_in() -> Window {
    let mut window = Window::new(&weights(), Rarity::default());
    for (number, text) in (1..).zip(EVERYDAY) {
        let features = post(number, text).features();
        window.observe(&features);
        window.open(IncidentId(number), features);
    }
    window
}

/// Opens one incident with the first post, then places the second.
fn placed(first: &Case, second: &Case) -> Placement {
    let mut window = lived_in();
    window.observe(&first.features());
    window.open(IncidentId(50), first.features());
    window.place(&second.features())
}

fn check_joins(first: &Case, second: &Case, kind: AssignmentKind) {
    match placed(first, second) {
        Placement::Join { incident, reason, .. } => {
            assert_eq!((incident, reason.kind), (IncidentId(50), kind), "{reason:?}");
            assert_eq!(reason.nearest, Some(Position(first.number)));
        }
        Placement::New { suggestions, .. } => {
            panic!("«{}» stays apart: {suggestions:?}", second.text)
        }
    }
}

fn check_stays_apart(first: &Case, second: &Case) {
    if let Placement::Join { incident, reason, .. } = placed(first, second) {
        panic!("«{}» joins {incident}: {reason:?}", second.text);
    }
}

#[test]
fn one_matter_in_other_words_joins() {
    let first =
        post(100, "Светофор на перекрёстке Зареченской и Гончарной третий день мигает жёлтым")
            .at("Гончарная", "");
    let second = post(
        101,
        "Почему до сих пор не починили светофор у перекрёстка Гончарной с Зареченской? Мигает жёлтым!",
    )
    .on("telegram")
    .at("Гончарная", "");
    check_joins(&first, &second, AssignmentKind::Joined);
}

#[test]
fn the_same_words_about_another_place_stay_apart() {
    let first = post(100, "На улице Гончарной, 14 прорвало трубу, вода течёт во двор")
        .at("Гончарная", "14");
    let second =
        post(101, "На улице Сиреневой, 3 прорвало трубу, вода течёт во двор").at("Сиреневая", "3");
    check_stays_apart(&first, &second);
}

#[test]
fn a_quarter_is_as_wide_as_a_street() {
    let first = post(1, "Мкр В, дом 21: в подвале прорвало трубу, сырость")
        .about("housing.basement", "housing")
        .in_quarter("микрорайон В", "21");
    let other = post(2, "Микрорайон В, дом 52: в подвале прорвало трубу, сырость")
        .about("housing.basement", "housing")
        .in_quarter("микрорайон В", "52");
    let block =
        post(3, "В-21, трубу в подвале прорвало, стоит вода").about("housing.basement", "housing");
    check_stays_apart(&first, &other);
    check_joins(&first, &block, AssignmentKind::Joined);
}

#[test]
fn another_matter_at_the_same_house_stays_apart() {
    let first = post(100, "Гончарная, 14: прорвало трубу в подвале, вода стоит по колено")
        .at("Гончарная", "14")
        .about("pipe-burst", "water");
    let second = post(101, "Гончарная, 14. Соседи сверху ночью громко включают музыку")
        .at("Гончарная", "14")
        .about("noise", "housing");
    check_stays_apart(&first, &second);
}

#[test]
fn a_short_copy_without_a_place_is_about_anything() {
    check_stays_apart(&post(100, "Сухое дерево"), &post(101, "Сухое дерево"));
    check_stays_apart(&post(100, "Не горит фонарь"), &post(101, "Не горит фонарь!"));
}

#[test]
fn a_long_copy_is_family() {
    let text = "Жители посёлка просят вернуть утренний рейс до районного центра: люди не могут \
                добраться на работу, школьники опаздывают на уроки, такси дорогое и ездит редко";
    let second = post(101, &format!("{text}. Перепост, помогите!")).on("ok");
    check_joins(&post(100, text), &second, AssignmentKind::Family);
}

#[test]
fn a_copy_that_names_another_house_is_not_family() {
    let at = |number, house: &str| {
        let text = format!(
            "Жители дома {house} по улице Гончарной просят включить отопление: в квартирах четырнадцать \
             градусов, дети болеют, управляющая компания не отвечает на звонки и заявки"
        );
        post(number, &text).at("Гончарная", house)
    };
    check_joins(&at(100, "14"), &at(101, "14"), AssignmentKind::Family);
    let Placement::Join { reason, .. } = placed(&at(100, "14"), &at(101, "29")) else { return };
    assert_ne!(reason.kind, AssignmentKind::Family);
}

#[test]
fn a_reply_and_a_repost_follow_their_post() {
    let first = post(100, "У школы на Гончарной открытый люк, ребёнок чуть не упал");
    let reply = Case {
        parent: Some(first.key()), ..post(101, "И у нас вчера там же, кошмар")
    };
    check_joins(&first, &reply, AssignmentKind::Thread);
    let repost = Case { repost_of: Some(first.key()), ..post(102, "Смотрите!").on("ok") };
    check_joins(&first, &repost, AssignmentKind::Family);
}

#[test]
fn a_reason_names_its_parts_and_words() {
    let first = post(100, "На Гончарной, 14 из подвала пахнет газом, вызывали аварийную")
        .at("Гончарная", "14");
    let second = post(101, "Запах газа в подвале по адресу Гончарная, 14, аварийная не едет")
        .at("Гончарная", "14");
    let Placement::Join { reason, .. } = placed(&first, &second) else { panic!("stays apart") };
    let sum: f64 = reason.parts.iter().map(|part| part.value * part.weight).sum();
    assert!((reason.score - 1.0 / (1.0 + (-sum).exp())).abs() < 1e-9);
    let part = |name: &str| reason.parts.iter().find(|part| part.name == name).unwrap();
    assert!(part("rare_words").text.contains("газ"), "{:?}", part("rare_words"));
    assert_eq!(part("same_street_and_house").value, 1.0);
}

#[test]
fn a_reason_quotes_no_personal_data() {
    let first = post(1, "Яма у дома Иванова Петра Сергеевича, звонить 8-921-555-12-34, Зубово");
    let second = post(2, "В Зубово яма, Иванов Пётр Сергеевич ждёт, 8-921-555-12-34");
    let quoted = [&first, &second].map(|one| {
        let features = one.features();
        let words = features.words.iter().map(|word| word.span.of(&features.text).to_owned());
        words.collect::<Vec<_>>().join(" ")
    });
    for quoted in quoted {
        assert!(quoted.contains("Зубово") && quoted.contains("×"), "{quoted}");
        assert!(!quoted.contains("Серг") && !quoted.contains("555"), "{quoted}");
    }
}

#[test]
fn posts_of_one_incident_that_are_close_are_suggested() {
    let first =
        post(100, "Возле магазина «Ромашка» на Гончарной сломан пандус, коляску не поднять");
    let second = post(101, "В «Ромашке» продают просроченное молоко");
    match placed(&first, &second) {
        Placement::New { suggestions, reason, .. } => {
            assert_eq!(suggestions.first().map(|one| one.incident), Some(IncidentId(50)));
            assert_eq!(reason.apart, Some(Apart::Matter), "a shop's name is no matter");
        }
        Placement::Join { reason, .. } => panic!("joined: {reason:?}"),
    }
}

#[test]
fn the_window_lets_go_of_the_longest_silent() {
    let mut window =
        Window::new(&GroupingWeights { window_hours: 10, ..weights() }, Rarity::default());
    window.open(IncidentId(1), post(1, "яма").features());
    window.open(IncidentId(2), post(5, "мусор").features());
    assert_eq!(window.advance(from_ms(11 * HOUR_MS)), []);
    assert_eq!(window.advance(from_ms(12 * HOUR_MS)), [IncidentId(1)]);
    // An older post does not turn the time back.
    assert_eq!(window.advance(from_ms(HOUR_MS)), []);
    window.add(IncidentId(2), post(14, "мусор").features());
    assert_eq!(window.advance(from_ms(20 * HOUR_MS)), []);
    assert!(window.contains(IncidentId(2)) && !window.contains(IncidentId(1)));
}

#[test]
fn the_window_holds_no_more_than_it_may() {
    let mut window =
        Window::new(&GroupingWeights { incidents_max: 3, ..weights() }, Rarity::default());
    for number in 1..=5 {
        window.open(IncidentId(number), post(number, "яма").features());
    }
    assert_eq!(window.advance(Timestamp::UNIX_EPOCH), [IncidentId(1), IncidentId(2)]);
    assert_eq!(window.len(), 3);
}

#[test]
fn the_past_is_forgotten_by_time_and_by_number() {
    let names = |window: &Window| window.past_ids().iter().map(|id| id.0).collect::<Vec<_>>();
    let mut window =
        Window::new(&GroupingWeights { window_hours: 10, ..weights() }, Rarity::default());
    for number in 1..=4 {
        window.open(IncidentId(number), post(number, "яма").features());
    }
    window.shelve(IncidentId(4));
    assert_eq!(names(&window), [4]);
    window.advance(from_ms(13 * HOUR_MS));
    assert_eq!(names(&window), [1, 2, 4], "what is silent for ten hours takes no posts");
    window.bound_past(IncidentId(PAST_INCIDENTS + 1));
    assert_eq!(names(&window), [2, 4], "the first has too many after it");
    window.bound_past(IncidentId(PAST_INCIDENTS + 9));
    assert_eq!(names(&window), [4], "what the window still holds stays");
    window.bring_back(IncidentId(4));
    assert!(window.contains(IncidentId(4)) && window.past_ids().is_empty());
    window.advance(from_ms((PAST_DAYS * 24 + 3) * HOUR_MS));
    assert_eq!(names(&window), [3, 4]);
    window.advance(from_ms((PAST_DAYS * 24 + 4) * HOUR_MS));
    assert_eq!(names(&window), [4], "a year and a day after the last post");
}

#[test]
fn only_the_same_matter_at_the_same_place_is_a_repeat() {
    let lamp = "На Гончарной, 14 не горит фонарь, темно у подъезда";
    let check = |text: &str, street: &str, expected: &[u64]| {
        let mut window = lived_in();
        window.open(IncidentId(50), post(100, lamp).at("Гончарная", "14").features());
        let again = post(2_000, text).at(street, "14").features();
        window.advance(again.written_at);
        let none = window.told_again(&again, |_| Asked::No);
        assert_eq!(none, [], "{text}: nobody is asked for");
        assert!(!window.contains(IncidentId(50)));
        let asked = |id| if id == IncidentId(50) { Asked::WhileRecent } else { Asked::No };
        let repeat = window.told_again(&again, asked);
        let found: Vec<u64> = repeat.iter().map(|one| one.incident.0).collect();
        assert_eq!(found, expected, "{text}: {repeat:?}");
    };
    check("На Гончарной, 14 опять не горит фонарь у подъезда, темно", "Гончарная", &[50]);
    check("На Сиреневой, 14 опять не горит фонарь у подъезда, темно", "Сиреневая", &[]);
    check("На Гончарной, 14 лают собаки, покусали почтальона и кошку", "Гончарная", &[]);
}

#[test]
fn what_people_keep_apart_is_not_considered_together() {
    let text = "Светофор на перекрёстке Зареченской и Гончарной мигает жёлтым третий день подряд, \
                пешеходы перебегают дорогу перед грузовиками, инспекторов нет, заявки закрывают";
    let mut window = lived_in();
    window.open(IncidentId(50), post(100, text).features());
    window.open(IncidentId(51), post(101, &format!("{text}, почините")).features());
    let beside = |window: &Window| match window.place(&post(102, text).features()) {
        Placement::Join { reason, .. } => {
            reason.considered.iter().map(|one| one.incident).collect()
        }
        Placement::New { .. } => Vec::new(),
    };
    assert_eq!(beside(&window), [IncidentId(51)]);
    window.set_forbidden([(IncidentId(50), IncidentId(51))].into());
    assert_eq!(beside(&window), []);
}

#[test]
fn joining_and_taking_out_again_changes_nothing() {
    let question = post(200, "Светофор на Гончарной мигает жёлтым, опасно").features();
    let mut window = lived_in();
    window.open(IncidentId(50), post(100, "Светофор на Гончарной мигает").features());
    window.open(IncidentId(51), post(101, "На Гончарной, у светофора, упал столб").features());
    let before = window.consider(&question);
    window.merge(IncidentId(50), IncidentId(51));
    assert_ne!(window.consider(&question), before);
    for taken in window.take_out(IncidentId(50), &[Position(101)]) {
        window.add(IncidentId(51), taken);
    }
    assert_eq!(window.consider(&question), before);
}

#[test]
fn a_rebuilt_window_decides_alike() {
    let words =
        ["светофор", "Гончарная", "мигает", "яма", "люк", "Сиреневая", "школа", "автобус", "темно"];
    let text = |number: u64| {
        (0..6)
            .map(|at| words[((number * 7 + at * at * 3 + number / 5) % 9) as usize])
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut live = Window::new(&weights(), Rarity::default());
    let mut members: Vec<(IncidentId, PostFeatures)> = Vec::new();
    let mut saved = (Vec::new(), 0);
    for number in 1..=120 {
        let features = post(number, &text(number)).features();
        let id = match live.place(&features) {
            Placement::Join { incident, .. } => incident,
            Placement::New { .. } => IncidentId(number),
        };
        live.observe(&features);
        live.add(id, features.clone());
        members.push((id, features));
        if number == 70 {
            saved = (live.rarity().to_bytes(), members.len());
        }
    }
    let mut rebuilt = Window::new(&weights(), Rarity::from_bytes(&saved.0).unwrap());
    for (_, features) in &members[saved.1..] {
        rebuilt.observe(features);
    }
    // Another order of filling: members reach their incidents backwards.
    for (id, features) in members.iter().rev() {
        rebuilt.add(*id, features.clone());
    }
    assert_eq!(live.rarity(), rebuilt.rarity());
    for number in 121..=160 {
        let question = post(number, &text(number)).features();
        assert_eq!(live.place(&question), rebuilt.place(&question));
    }
}

#[test]
fn rarity_survives_being_written_down() {
    let mut rarity = Rarity::default();
    for number in 0..500_u64 {
        rarity.observe([1, 2 + number % 3, 100 + number].into_iter());
    }
    assert_eq!(Rarity::from_bytes(&rarity.to_bytes()), Some(rarity.clone()));
    assert_eq!(Rarity::from_bytes(&rarity.to_bytes()[1..]), None);
    assert_eq!(Rarity::from_bytes(&[0xff; 40]), None);
    assert_eq!(rarity.observed(), 500);
    assert!(rarity.of(1) < rarity.of(2) && rarity.of(2) < rarity.of(150));
    assert_eq!(rarity.of(9_999), 1.0);
}

#[test]
fn a_long_message_full_of_new_words_finds_its_incident() {
    let mut window = lived_in();
    let first = post(100, "Выезд от бассейна «Дельфин» перекрыли бетонными блоками, не проехать");
    window.observe(&first.features());
    window.open(IncidentId(50), first.features());
    // Words that nobody wrote before are the rarest and lead nowhere.
    let new: String = (0..60).map(|number| format!(" новослово{number}")).collect();
    let second = post(101, &format!("Бетонные блоки у бассейна «Дельфин»{new}"));
    let considered = window.consider(&second.features());
    assert!(considered.iter().any(|one| one.incident == IncidentId(50)), "{considered:?}");
}

/// How many marks a text with these places gets.
fn marks_of(text: &str, places: Vec<Place>) -> usize {
    let case = post(1, text);
    let finding = Finding { places, ..case.finding() };
    let stored = StoredPost {
        position: Position(1),
        first_seen_at: from_ms(0),
        post: Post::of_text(case.key(), case.text.clone(), from_ms(0)),
    };
    features(&mut StemMemo::default(), &stored, &finding).marks.len()
}

#[test]
fn where_somebody_lives_is_not_the_place_of_the_matter() {
    let place = |street: &str, because: &str| Place {
        street: Some(street.to_owned()),
        because: because.to_owned().into(),
        ..Place::default()
    };
    let marks = |places| marks_of("Живу на Садовой, а на Гончарной прорвало трубу", places);
    let (home, there) = (place("Садовая", HOME_ADDRESS), place("Гончарная", "street_with_kind"));
    assert_eq!(marks(vec![home.clone(), there.clone()]), 1);
    assert_eq!(marks(vec![home]), 1, "there is no other");
    assert_eq!(marks(vec![place("Гончарная", FROM_SOURCE), there]), 1);
}

#[test]
fn a_town_that_could_be_any_of_several_is_no_mark() {
    let place = |town: &str, at: u32| Place {
        settlement: Some(town.to_owned()),
        street: Some("Ленина".to_owned()),
        spans: vec![Span { start: at, end: at + 4 }],
        ..Place::default()
    };
    let marks = |places| marks_of("На Ленина яма, и на Мира яма", places);
    assert_eq!(marks(vec![place("Сокол", 0), place("Грязовец", 0)]), 1, "only the street");
    assert_eq!(marks(vec![place("Сокол", 0), place("Сокол", 9)]), 2);
}

#[test]
fn the_number_of_an_appeal_leads_to_its_incident() {
    let first = post(100, "У дома по Гончарной, 14 яма. Обращение № 96690 закрыто без ответа");
    let second = post(101, "По заявке 96690 никто не приехал, колесо пробили ещё двое");
    check_joins(&first, &second, AssignmentKind::Joined);
    let other = post(101, "По заявке 96691 никто не приехал, колесо пробили ещё двое");
    check_stays_apart(&first, &other);
}

#[test]
fn the_same_address_of_another_town_stays_apart() {
    let of = |town: &str, case: Case| {
        let place = case.place.map(|place| Place { settlement: Some(town.to_owned()), ..place });
        Case { place, ..case }
    };
    let at_lenin = |number, text| post(number, text).at("Ленина", "30");
    let first = "Грязовец, Ленина 30: трактор завалил снегом выезд из двора и тротуар";
    let second = "Шексна, Ленина 30: тротуара нет, завалили снегом, из двора не выйти";
    let one = of("Грязовец", at_lenin(100, first));
    check_stays_apart(&one, &of("Шексна", at_lenin(101, second)));
    let same = second.replace("Шексна", "Грязовец");
    check_joins(&one, &of("Грязовец", at_lenin(101, &same)), AssignmentKind::Joined);
    // A member in between that leaves the town unsaid makes no bridge.
    let mut window = lived_in();
    let unsaid = at_lenin(101, "Ленина 30, снегом завалили выезд из двора и тротуар");
    for case in [&one, &unsaid] {
        window.observe(&case.features());
        window.add(IncidentId(50), case.features());
    }
    let elsewhere = of("Шексна", at_lenin(102, second));
    assert!(matches!(window.place(&elsewhere.features()), Placement::New { .. }));
}

#[test]
fn a_third_post_joins_one_of_two_incidents_that_tell_the_same() {
    let at =
        |number, text| post(number, text).at("Гончарной", "14").about("road-potholes", "roads");
    let mut window = lived_in();
    let first = at(100, "На Гончарной, 14 глубокая яма, вторую машину разбили за неделю");
    let twice = at(101, "Гончарная, 14: глубокая яма, разбили машину, когда заделают");
    for (incident, case) in [(50, &first), (51, &twice)] {
        window.observe(&case.features());
        window.open(IncidentId(incident), case.features());
    }
    let third = at(102, "На Гончарной, 14 яма всё глубже, разбили ещё одну машину");
    let placed = window.place(&third.features());
    assert!(matches!(placed, Placement::Join { .. }), "{placed:?}");
}

#[test]
fn what_an_incident_has_told_is_told_by_all_its_posts() {
    let place = post(21, "Гончарная, 14: в подъезде ведра стоят под потолком");
    let matter = post(22, "Там же протекает кровля, мокнет проводка");
    let both = post(23, "Гончарная, 14: кровля протекает, ведра в подъезде").features();
    let told = |posts: &[&Case]| {
        let mut window = lived_in();
        posts.iter().for_each(|one| window.add(IncidentId(99), one.features()));
        let measured = window.measured(&both).into_iter();
        let of_it = measured.filter(|(id, _)| *id == IncidentId(99));
        of_it.map(|(_, values)| values[Part::Told as usize]).next().unwrap()
    };
    let (by_one, by_other) = (told(&[&place]), told(&[&matter]));
    assert!(by_one.max(by_other) < told(&[&place, &matter]), "{by_one} {by_other}");
}

#[test]
fn a_matter_is_told_by_several_where_a_third_of_the_posts_agree() {
    let roof = [
        "Кровля протекает, ведра стоят на чердаке",
        "Опять ведра на чердаке: кровля дырявая",
        "Кровля мокнет, чердак залило, ведра полные",
    ];
    let other = [
        "Домофон сломан, почтальон ругается",
        "Почтальон бросает газеты мимо",
        "Домофон пищит ночами",
        "Газеты пропадают, почтальон молчит",
        "Почтальон потерял квитанции",
    ];
    let newest = post(40, "Чердак: кровля, ведра не спасают").features();
    let by_several = |texts: &[&str]| {
        let mut window = lived_in();
        (21..)
            .zip(texts)
            .for_each(|(at, text)| window.add(IncidentId(99), post(at, text).features()));
        let mut measured = window.measured(&newest).into_iter();
        let (_, values) = measured.find(|(id, _)| *id == IncidentId(99)).unwrap();
        values[Part::SeveralTell as usize] > 0.0
    };
    assert!(!by_several(&roof[..1]));
    assert!(by_several(&roof));
    assert!(by_several(&[&roof[..2], &other[..2]].concat()));
    assert!(!by_several(&[&roof[..2], &other[..]].concat()), "two of seven");
}
