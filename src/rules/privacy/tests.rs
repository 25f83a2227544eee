use proptest::prelude::*;

use super::*;

fn found(text: &str) -> Vec<(PrivateKind, &str)> {
    find(text).into_iter().map(|one| (one.kind, one.span.of(text))).collect()
}

fn check(text: &str, expected: &[(PrivateKind, &str)]) {
    assert_eq!(found(text), expected, "{text}");
}

#[test]
fn phones() {
    use PrivateKind::Phone;
    for phone in [
        "+7 921 000-11-22",
        "8(921)000-11-22",
        "89210001122",
        "8-921-000-11-22",
        "8 (8172) 00-11-22",
        "+375 29 000 11 22",
    ] {
        check(&format!("пишите или {phone}, Анна"), &[(Phone, phone)]);
    }
    check("тел. 21-00-11 вечером", &[(Phone, "21-00-11")]);
    check("звоните 921 000 11 22", &[(Phone, "921 000 11 22")]);
    for text in [
        "дом 5, 8 этаж, 3 подъезд",
        "01.02.2026 в 18:00",
        "счёт 12345678901234567890",
        "обращение 1234567",
        "21-00-11",
        "лот89210001122а",
    ] {
        check(text, &[]);
    }
}

#[test]
fn papers_and_cards() {
    use PrivateKind::{Card, Passport, Snils};
    check("карта 4111 1111 1111 1111", &[(Card, "4111 1111 1111 1111")]);
    check("карта 4111 1111 1111 1112", &[]);
    check("4111111111111111", &[(Card, "4111111111111111")]);
    check("СНИЛС 112-233-445 95", &[(Snils, "112-233-445 95")]);
    check("112-233-445 96 это номер заявки", &[]);
    check("паспорт 1900 123456 выдан", &[(Passport, "1900 123456")]);
    check("паспорт серия 19 00 123456", &[(Passport, "19 00 123456")]);
    check("код 1900 123456", &[]);
}

#[test]
fn plates_mails_and_flats() {
    use PrivateKind::{Email, Flat, Plate};
    check("газель А123ВС35 на газоне", &[(Plate, "А123ВС35")]);
    check("У 777 УХ 135", &[(Plate, "У 777 УХ 135")]);
    check("в 200 мм 50 см", &[]);
    check("дом А123 и Я123ВС35", &[]);
    check("пишите anna@example.org", &[(Email, "anna@example.org")]);
    check("Ленина 5, кв. 15", &[(Flat, "15")]);
    check("квартира № 7а", &[(Flat, "7а")]);
    check("площадь 50 кв. м, 2 этаж", &[]);
}

#[test]
fn names() {
    use PrivateKind::Name;
    for name in [
        "Соколова А. И.",
        "Соколова А.И",
        "А.И. Соколова",
        "Соколова Анна Ильинична",
        "Анна Петровна Соколова",
        "Соколовым Петром Ивановичем",
    ] {
        check(&format!("жилец {name}"), &[(Name, name.trim_end_matches('.'))]);
    }
    check("Меня зовут Анна Соколова, живу тут", &[(Name, "Анна Соколова")]);
    check("зовут меня Олег", &[(Name, "Олег")]);
    for text in [
        "на улице А. С. Пушкина темно",
        "ул. Соколова А.И. перекопана",
        "А. С. Пушкина, 5",
        "Глава района Соколов А.И. обещал",
        "Уважаемый Пётр Ильич Соколов, помогите",
        "Владимир Петрович, прошу помочь",
        "Владимир Петрович. Прошу помочь",
        "Вчера Иван Петрович починил кран",
        "Глава Соколов Пётр Ильич обещал",
        "Прошу А. И. принять меры",
        "НЕТ ВОДЫ В ДОМЕ",
        "Карла Маркса и Розы Люксембург",
    ] {
        check(text, &[]);
    }
}

#[test]
fn what_is_hidden_keeps_its_length() {
    for (text, expected) in [
        ("звоните 8 921 000-11-22!", "звоните * *** ***-**-**!"),
        ("Соколова А.И., кв. 15", "×××××××× ×.×., кв. **"),
        ("нет ничего тайного", "нет ничего тайного"),
        ("", ""),
    ] {
        assert_eq!(masked(text), expected);
        assert_eq!(masked(text).len(), text.len());
        assert_eq!(masked(&masked(text)), masked(text));
    }
}

#[test]
fn hostile_texts_are_read_in_time() {
    for piece in ["8", "8 ", "8-9", "А123ВС", "Иванов А.", "кв ", "a@", "тел 8", "+7("]
    {
        masked(&piece.repeat(200_000));
    }
}

proptest! {
    #[test]
    fn spans_lie_in_the_text_in_order(
        text in "([0-9+() .@-]|[А-Яа-яё]{1,6}|кв|тел|[a-z]{1,3}|😀|\\PC){0,60}"
    ) {
        let mut reached = 0;
        for one in find(&text) {
            prop_assert!(reached <= one.span.start && !one.span.of(&text).is_empty());
            reached = one.span.end;
        }
        prop_assert_eq!(masked(&text).len(), text.len());
    }
}
