use proptest::prelude::*;

use crate::model::clock::Calendar;
use crate::model::post::Geo;
use crate::model::region::{Landmark, Name, RouteNode, Settlement, Street, Territory};
use crate::rules::text::tokens::tokenise;

use super::classes::tests::both_ways;
use super::*;

/// A small made-up region: two cities, two villages of one name.
pub(crate) fn region() -> Region {
    Region {
        id: "test".to_owned(),
        name: Name::default(),
        zone: "Europe/Moscow".to_owned(),
        territories: vec![
            territory("vologda", "Город Вологда"),
            territory("cherepovets", "Город Череповец"),
            territory("sheksninsky", "Шекснинский район"),
            territory("gryazovetsky", "Грязовецкий округ"),
        ],
        settlements: vec![
            settlement("Вологда", "город", "vologda", 300_000, &[]),
            settlement("Череповец", "город", "cherepovets", 305_000, &["Череп"]),
            settlement("Шексна", "посёлок", "sheksninsky", 19_000, &[]),
            settlement("Кириллов", "город", "sheksninsky", 7_000, &[]),
            settlement("Покровское", "село", "sheksninsky", 500, &[]),
            settlement("Покровское", "село", "gryazovetsky", 300, &[]),
            settlement("Молочное", "село", "vologda", 7_000, &["Молочка"]),
        ],
        streets: vec![
            street("Вологда", "улица", "Ленина"),
            street("Череповец", "улица", "Ленина"),
            street("Вологда", "улица", "Гоголя"),
            street("Вологда", "улица", "Садовая"),
            street("Вологда", "проспект", "Победы"),
            street("Череповец", "проспект", "Победы"),
            street("Череповец", "улица", "Маршала Белова"),
            street("Вологда", "улица", "Мира"),
            street("Вологда", "улица", "Ленинградская"),
            street("Вологда", "шоссе", "Кирилловское"),
            street("Вологда", "улица", "Победы"),
            street("Шексна", "проспект", "Победы"),
            street("Вологда", "улица", "Октябрьская"),
            street("Вологда", "проспект", "Октябрьский"),
        ],
        landmarks: vec![
            landmark("Вологда", "school", "Школа № 1", &["1 школа"]),
            landmark("Вологда", "bridge", "Красный мост", &[]),
            landmark("Череповец", "mall", "Макси", &[]),
            landmark("Вологда", "clinic", "Вологодская поликлиника", &["детская поликлиника"]),
            landmark("Череповец", "clinic", "Шестая поликлиника", &["детская поликлиника"]),
        ],
        bodies: Vec::new(),
        routes: RouteNode {
            name: String::new(),
            title: None,
            groups: Vec::new(),
            topics: Vec::new(),
            territories: Vec::new(),
            scales: Vec::new(),
            body: "root".to_owned(),
            children: Vec::new(),
        },
        terms: Vec::new(),
        ladder: Vec::new(),
        accept_confidence: 2.0,
        calendar: Calendar {
            zone: "Europe/Moscow".to_owned(),
            week: Default::default(),
            years: Default::default(),
        },
        sources: Vec::new(),
        origins: Default::default(),
    }
}

fn territory(id: &str, name: &str) -> Territory {
    Territory {
        id: TerritoryId(id.to_owned()),
        name: Name { ru: name.to_owned(), en: id.to_owned() },
        kind: "district".to_owned(),
        centre: String::new(),
        geo: Geo { lat: 0.0, lon: 0.0 },
        population: 1000,
        aliases: Vec::new(),
    }
}

fn settlement(
    name: &str,
    kind: &str,
    territory: &str,
    people: u64,
    aliases: &[&str],
) -> Settlement {
    Settlement {
        name: name.to_owned(),
        kind: kind.to_owned(),
        territory: TerritoryId(territory.to_owned()),
        geo: None,
        population: Some(people),
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
    }
}

fn street(settlement: &str, kind: &str, name: &str) -> Street {
    Street {
        settlement: settlement.to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        geo: None,
    }
}

fn landmark(settlement: &str, kind: &str, name: &str, aliases: &[&str]) -> Landmark {
    Landmark {
        settlement: settlement.to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        geo: None,
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
    }
}

fn places(text: &str, source: Option<&str>) -> Vec<Place> {
    let territory = source.map(|id| TerritoryId(id.to_owned()));
    let gazetteer = Gazetteer::new(&region());
    gazetteer.places(&mut StemMemo::new(), text, &tokenise(text), territory.as_ref())
}

/// `settlement; kind; street; house; object`, absent ones empty.
fn line(place: &Place) -> String {
    [&place.settlement, &place.street_kind, &place.street, &place.house, &place.object]
        .map(|part| part.clone().unwrap_or_default())
        .join(";")
}

fn check(text: &str, expected: &[&str]) {
    let found: Vec<String> = places(text, Some("vologda"))
        .iter()
        .filter(|place| place.because != "source_territory")
        .map(line)
        .collect();
    assert_eq!(found, expected, "{text}");
    // No finder missed anything by looking only at words of its class.
    said(text);
}

#[test]
fn streets_and_houses() {
    for text in [
        "ул. Ленина, 5",
        "Ленина 5",
        "Ленина, д.5",
        "у дома 5 на улице Ленина",
        "на Ленина у пятого дома",
        "на Ленина возле 5-го дома",
        "УЛИЦА ЛЕНИНА ДОМ 5",
        "на ленина 5 нет света",
        "г. Вологда, ул.Ленина,д.5",
    ] {
        check(text, &["Вологда;улица;Ленина;5;"]);
    }
    check("пр-кт Победы 12/3 корп. 2", &["Вологда;проспект;Победы;12/3 к2;"]);
    check("дом 7А по Садовой", &["Вологда;улица;Садовая;7а;"]);
    check("по улице Гоголя", &["Вологда;улица;Гоголя;;"]);
    check("на Гоголя не горят фонари", &["Вологда;улица;Гоголя;;"]);
    check("по ул Садовой темно", &["Вологда;улица;Садовая;;"]);
    check("Садовая улица не освещена", &["Вологда;улица;Садовая;;"]);
    check(
        "во дворе Мира 3, 5 и 7",
        &["Вологда;улица;Мира;3;", "Вологда;улица;Мира;5;", "Вологда;улица;Мира;7;"],
    );
    check("в Череповце на Маршала Белова 10", &["Череповец;улица;Маршала Белова;10;"]);
}

#[test]
fn unknown_streets_stand_in_the_nominative() {
    for (text, expected) in [
        ("ул. Кати Зеленко дом 3", ";улица;Кати Зеленко;3;"),
        ("на улице Казанской яма", ";улица;Казанская;;"),
        ("Заречная улица утонула", ";улица;Заречная;;"),
        ("по ул. 8 Марта", ";улица;8 Марта;;"),
        ("в Сосновом переулке", ";переулок;Сосновый;;"),
        ("ул.50 лет Октября 12", ";улица;50 лет Октября;12;"),
        ("по улице республиканская темно", ";улица;Республиканская;;"),
        ("на 4-м Косиновском переулке", ";переулок;4-й Косиновский;;"),
        ("вдоль Советского проспекта", ";проспект;Советский;;"),
        ("до 2-го Весеннего проезда", ";проезд;2-й Весенний;;"),
        ("на улице Черняховского", ";улица;Черняховского;;"),
        ("во дворе дома Орловская 12", ";улица;Орловская;12;"),
        ("ул. Вокзальная, напротив 31 дома", ";улица;Вокзальная;31;"),
        ("ул Звёздная 19 кв 338", ";улица;Звёздная;19;"),
    ] {
        check(text, &[expected]);
    }
}

#[test]
fn several_streets_and_houses_in_one_breath() {
    check(
        "у домов 71, 73 по ул. Гоголя",
        &["Вологда;улица;Гоголя;71;", "Вологда;улица;Гоголя;73;"],
    );
    check(
        "на пересечении улиц Сосновская и Береговая",
        &[";улица;Сосновская;;", ";улица;Береговая;;"],
    );
    check("Улица грязная. Кроме того, темно", &[]);
}

#[test]
fn streets_as_people_say_them() {
    check("кирилловка 23, снег", &["Вологда;шоссе;Кирилловское;23;"]);
    check("на Ленинградке темно", &["Вологда;улица;Ленинградская;;"]);
    check("бабка ленинградка рассказала", &[]);
    check("М.Белова 10 без воды", &[";улица;Маршала Белова;10;"]);
    check("на белова 10 темно", &[";улица;Маршала Белова;10;"]);
    check("#свет #гоголя7", &["Вологда;улица;Гоголя;7;"]);
}

#[test]
fn namesakes_of_another_kind() {
    check("В Череповце на Победы 5 темно", &["Череповец;проспект;Победы;5;"]);
    check("на Октябрьском 30 темно", &["Вологда;проспект;Октябрьский;30;"]);
    check("на Октябрьской 30 темно", &["Вологда;улица;Октябрьская;30;"]);
    check("октябрьский 140 темно", &["Вологда;проспект;Октябрьский;140;"]);
    check("Ленинградская, 85. Провал", &["Вологда;улица;Ленинградская;85;"]);
    check("Садовая 7 без света", &["Вологда;улица;Садовая;7;"]);
}

#[test]
fn crossings_name_two_streets() {
    let both = ["Вологда;улица;Гоголя;;", "Вологда;улица;Мира;;"];
    check("светофор на Гоголя-Мира мигает", &both);
    check("Гоголя / Мира, снова авария", &both);
    check("перекресток гоголя и мира, светофор погас", &both);
    check("Гоголя — великий писатель", &[]);
}

#[test]
fn houses_without_their_word() {
    for text in [
        "яма на ленинградской у 85го",
        "На Ленинградской у 85 темно",
        "Ленинградская улица, темно возле 85-го!",
    ] {
        check(text, &["Вологда;улица;Ленинградская;85;"]);
    }
    check("на Ленинградской у 5 подъезда", &["Вологда;улица;Ленинградская;;"]);
    check("на Ленинградской около 20 машин стоит", &["Вологда;улица;Ленинградская;;"]);
    check("стоим у 85", &[]);
}

#[test]
fn the_settlement_of_the_sentence_wins() {
    check("В Кириллове на улице Гоголя", &["Кириллов;улица;Гоголя;;"]);
    check("Шексна, улица Ленина 30", &["Шексна;улица;Ленина;30;"]);
    check("НЕТ ВОДЫ И СВЕТА, ПОКРОВСКИЕ НЕГОДУЮТ", &[]);
    check("Вологда рядом. В Шексне на Гоголя темно", &["Шексна;улица;Гоголя;;", "Вологда;;;;"]);
}

#[test]
fn lines_without_their_word() {
    check("Где 48? Автобус ждём час", &[]);
    check("48 опять не пришёл, автобуса нет", &[";;;;маршрут 48"]);
    check("Рейса нет: сорок восьмой исчез", &[";;;;маршрут 48"]);
    check("двадцать третий автобус", &[";;;;маршрут 23"]);
    check("48-й проехал мимо, маршрутки битком", &[";;;;маршрут 48"]);
    check("48 не пришло на собрание", &[]);
    check("живём в 48-м доме, автобус далеко", &[";;;48;"]);
}

#[test]
fn an_object_is_called_as_in_its_town() {
    check("в детской поликлинике очередь", &["Вологда;;;;Вологодская поликлиника"]);
    check("в детской поликлинике в Череповце", &["Череповец;;;;Шестая поликлиника"]);
    check("в детской поликлинике в Шексне", &["Шексна;;;;детской поликлинике"]);
}

#[test]
fn objects_with_titles() {
    check("садик Ромашка закрыт", &[";;;;детский сад Ромашка"]);
    check("в детсаду «Золотой ключик» холодно", &[";;;;детский сад Золотой ключик"]);
    check("в садике холодно", &[]);
}

#[test]
fn what_is_no_place() {
    for text in [
        "на улице темно",
        "Мира вам и добра",
        "победы нашей команды",
        "Ленина 5 минут ждали",
        "прошло 12 дней",
        "в 2019 году",
        "на новой дороге",
        "3 автобуса не пришли, 5 автобусов сломаны",
        "уличное освещение",
        "детская площадка",
    ] {
        let found: Vec<String> = places(text, None).iter().map(line).collect();
        let houses = found.iter().any(|place| place.contains(['5', '3']));
        assert!(!houses && (found.is_empty() || text.starts_with("Ленина")), "{text}: {found:?}");
    }
}

#[test]
fn objects() {
    check("школа №55 закрыта", &[";;;;школа 55"]);
    check("в 55 школе холодно", &[";;;;школа 55"]);
    check("в пятой школе холодно", &[";;;;школа 5"]);
    check("школа № 1", &["Вологда;;;;школа 1"]);
    check("детский сад 12", &[";;;;детский сад 12"]);
    check("поликлиника №2", &[";;;;поликлиника 2"]);
    check("остановка Рынок завалена", &[";;;;остановка Рынок"]);
    check("на остановке «Площадь Славы» темно", &[";;;;остановка Площадь Славы"]);
    check("маршрут 34", &[";;;;маршрут 34"]);
    check("34-й автобус не ходит", &[";;;;маршрут 34"]);
    check("автобус 34 не ходит", &[";;;;маршрут 34"]);
    check("за Красным мостом яма", &["Вологда;;;;Красный мост"]);
    check("у школы 55 на Гоголя 5", &["Вологда;улица;Гоголя;5;школа 55"]);
}

#[test]
fn towns() {
    check("В Череповце нет воды", &["Череповец;;;;"]);
    check("в вологде нет воды", &["Вологда;;;;"]);
    check("в Шексне на улице Лесной", &["Шексна;улица;Лесная;;"]);
    check("в Шекснинском районе нет света", &[";;;;"]);
    assert_eq!(places("просто текст", None), []);
    let guess = &places("просто текст", Some("vologda"))[0];
    assert_eq!((&*guess.because, guess.certainty), ("source_territory", SOURCE_TERRITORY));
}

#[test]
fn namesakes_stay_candidates() {
    let found = places("в селе Покровское нет света", None);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|place| place.certainty <= 0.3));
    let found = places("в селе Покровское нет света", Some("gryazovetsky"));
    assert_eq!(found[0].territory, Some(TerritoryId("gryazovetsky".to_owned())));
    let found = places("яма на улице Ленина", None);
    assert!(found.len() == 2 && found.iter().all(|place| place.certainty <= 0.3));
    // The source's territory has no such street: rather no town than a wrong one.
    let found = places("яма на улице Гоголя", Some("sheksninsky"));
    assert_eq!(found[0].settlement, None);
}

fn said(text: &str) -> Said {
    let [said, everywhere] = both_ways(&Gazetteer::new(&region()), text);
    assert_eq!(said, everywhere, "{text}");
    said
}

/// A large town that a region with listed cities has not is named to compare
/// with, unless it has an address.
#[test]
fn towns_of_other_regions_are_no_place_of_the_matter() {
    for text in ["трамваи ходят как в Орле", "такой знак есть в городе Москва", "едем в Тверь"]
    {
        assert!(said(text).settlements.is_empty(), "{text}");
        assert!(places(text, Some("vologda")).iter().all(|one| one.settlement.is_none()), "{text}");
    }
    assert_eq!(said("г. Тверь, ул. Лунная, 5").settlements, ["Тверь"]);
    assert_eq!(said("деревня Самара без света").settlements, ["Самара"]);
    let unlisted = Gazetteer::of(&Geography::default());
    assert_eq!(unlisted.said(&mut StemMemo::new(), "в Твери нет света").settlements, ["Тверь"]);
}

/// A name of the list that is another word, or names something else, is no
/// settlement of the matter.
#[test]
fn names_of_the_list_that_are_no_place_of_the_matter() {
    for text in [
        "рейс Вологда — Череповец, отправление с Вологды в 7:40",
        "на трассе Вологда Череповец ямы",
        "по дороге вологда-грязовец",
        "через р. Шексна",
        "Кирилл Иванов пишет",
        "пишет Игорь Кириллов",
        "С уважением, Кириллов И. П.",
        "Покровский собор, Покровской улицы нет",
        "мэр Вологды обещал",
        "Комитет образования Вологды молчит",
        "ООО «Тепло» Вологда не отвечает",
        "УК Вологды",
        "в Вологодской области, в Шекснинском районе",
        "ул. Вологодская, Череповецкое шоссе",
    ] {
        assert_eq!(said(text).settlements, [""; 0], "{text}");
    }
    for text in ["г. Вологда, ул. Новая, 5", "в Вологде темно", "администрация города Вологды"]
    {
        assert_eq!(said(text).settlements, ["Вологда"], "{text}");
    }
}

/// The list lends its names only to words that can be theirs.
#[test]
fn streets_of_the_list_keep_their_kind() {
    for (text, expected) in [
        ("Октябрьский переулок, 3", ";переулок;Октябрьский;3;"),
        ("в Садовом проезде, 3", ";проезд;Садовый;3;"),
        ("ул. Садовая, 3", "Вологда;улица;Садовая;3;"),
        ("г. Вологда, ул. Тихая, 3", "Вологда;улица;Тихая;3;"),
        ("Октябрь, ул. Тихая, 3", ";улица;Тихая;3;"),
    ] {
        check(text, &[expected]);
    }
}

#[test]
fn objects_of_the_list_are_shown_as_said() {
    assert_eq!(said("в детской поликлинике").objects, ["детская поликлиника"]);
    check("в детской поликлинике", &["Вологда;;;;Вологодская поликлиника"]);
    check("у Максима дома", &[]);
}

/// The author's address yields to the place of the matter, and is the place
/// where no other is named.
#[test]
fn the_authors_home_is_set_aside() {
    for text in [
        "Проживаю по адресу: г. Вологда, ул. Ленина, 12. На ул. Садовой у дома 3 прорвало трубу",
        "На ул. Садовой у дома 3 прорвало трубу. С уважением, П. Котова, г. Вологда, ул. Ленина, 12",
        "Я, Котова П. П., проживающая по адресу: г. Вологда, ул. Ленина, 12, прошу помочь. На ул. Садовой у дома 3 прорвало трубу",
        "Обращается пенсионер, зарегистрированный по адресу г. Вологда, ул. Ленина, 12. На ул. Садовой у дома 3 прорвало трубу",
        "Пишет мать троих детей, живущая по ул. Ленина, 12, г. Вологда. На ул. Садовой у дома 3 прорвало трубу",
    ] {
        let found = places(text, None);
        let of = |street: &str| {
            found.iter().find(|place| place.street.as_deref() == Some(street)).unwrap()
        };
        let (here, home) = (of("Садовая"), of("Ленина"));
        assert_eq!(found[0].street.as_deref(), Some("Садовая"), "{text}");
        assert!(home.certainty < here.certainty && home.because == "home_address", "{text}");
    }
    let only = &places("Проживаю по адресу: г. Вологда, ул. Ленина, 12. Нет воды", None)[0];
    assert_eq!((only.street.as_deref(), &*only.because), (Some("Ленина"), "street_with_house"));
}

#[test]
fn the_home_of_others_is_where_the_matter_is() {
    for text in [
        "Жителям, проживающим по ул. Ленина, 12, не дают воду, авария на ул. Садовой",
        "Наш сосед, проживающий по ул. Ленина, 12, жжёт мусор, дым идёт на ул. Садовую",
    ] {
        let found = places(text, Some("vologda"));
        assert!(found.iter().any(|place| place.street.as_deref() == Some("Ленина")));
        assert!(found.iter().all(|place| place.because != "home_address"), "{found:?}");
    }
}

/// Letters that have more bytes in small letters, or fewer.
#[test]
fn letters_of_other_lengths_in_small_letters() {
    for word in ["İркутске", "Ⱥове", "ȺȺове", "İове", "Kове", "ẞову", "İİİска"]
    {
        for text in [
            format!("в городе {word} нет света"),
            format!("в деревне {word}"),
            format!("г. {word}, ул. {word}, 5"),
            format!("на {word} 5 и в {word}-на-{word}, школа {word}"),
        ] {
            places(&text, None);
            said(&text);
        }
    }
}

proptest! {
    #[test]
    fn spans_lie_inside(text in "(ул\\.|на|дом|Ленина|Садовой|5|12/3|,|\\.|«|школа|№|остановка|Вологда|Покровское|[а-яА-Я]{1,4}| |\n){0,40}") {
        for place in places(&text, None) {
            prop_assert!((0.0..=1.0).contains(&place.certainty));
            for span in &place.spans {
                prop_assert!(!span.of(&text).is_empty());
            }
        }
    }
}
