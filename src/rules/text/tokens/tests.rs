use proptest::prelude::*;

use super::*;

fn words(text: &str) -> String {
    tokenise(text).iter().map(|token| token.normal.to_string()).collect::<Vec<_>>().join(" ")
}

fn check(text: &str, expected: &str) {
    assert_eq!(words(text), expected, "{text:?}");
}

fn kinds(text: &str) -> Vec<(TokenKind, &str)> {
    tokenise(text).iter().map(|token| (token.kind, token.span.of(text))).collect()
}

fn sentences(text: &str) -> u32 {
    tokenise(text).last().map_or(0, |token| token.sentence + 1)
}

#[test]
fn words_and_numbers() {
    check("Не горят фонари!", "не горят фонари");
    check("кто-нибудь из-за интернет-магазина", "кто нибудь из за интернет магазина");
    check("д.12а, кв. 5", "д 12а кв 5");
    check("д. 12-А", "д 12а");
    check("12/3 и 12а/3, 12/б", "12/3 и 12а/3 12/б");
    check("дом 7A (латинская)", "дом 7а латинская");
    check("5-й дом, 2-го мая, 90-х", "5 дом 2 мая 90");
    check("д5 к2", "д 5 к 2");
    check("18:00 01.02.2026 35руб", "18:00 01.02.2026 35 руб");
    check("дома 5,7 и 36-42", "дома 5 7 и 36 42");
    check("школа №55", "школа 55");
    check("во\u{200b}да под\u{ad}вал", "вода подвал");
    check("о\u{301}коло", "около");
    check("м² ½", "м");
    check("нет воды,света", "нет воды света");
    check("нет воды.Света", "нет воды света");
    check("нет\u{a0}воды\u{2028}света", "нет воды света");
    check("«нет \"воды» 'света'", "нет воды света");
    check("х*йня дорога, п*здец", "хйня дорога пздец");
    check("отоп-\nления нет", "отопления нет");
    check("д0рога", "дорога");
    check("об'ект", "обект");
}

#[test]
fn pictures_between_letters_separate_and_are_no_words() {
    check("нет💧воды👩🏽\u{200d}🔧света❤️дороги", "нет воды света дороги");
    check("👨\u{200d}👩\u{200d}👧\u{200d}👦 🇷🇺 😡😡", "");
    check("5️⃣ дней", "5 дней");
    check("#нет💧воды", "нет воды");
}

#[test]
fn a_torn_word_is_one_and_stands_where_it_stands() {
    let text = "Нет отоп-\nления. Х*йня, не дорога";
    assert_eq!(
        kinds(text).iter().map(|one| one.1).collect::<Vec<_>>(),
        ["Нет", "отоп-\nления", "Х*йня", "не", "дорога"]
    );
    assert_eq!(sentences(text), 2);
}

#[test]
fn what_is_not_read() {
    use TokenKind::*;
    let text = "[id1|Имя] @name a.b@mail.ru https://x.ru/a?b=1. vk.com/wall-1_2, Волга.";
    assert_eq!(
        kinds(text),
        [
            (Mention, "[id1|Имя]"),
            (Mention, "@name"),
            (Email, "a.b@mail.ru"),
            (Link, "https://x.ru/a?b=1"),
            (Link, "vk.com/wall-1_2"),
            (Word, "Волга"),
        ]
    );
    assert_eq!(
        kinds("#ЯмыВГороде #ЖКХРоссии #нет_воды #ямыдороги # 5"),
        [
            (Hashtag, "Ямы"),
            (Hashtag, "В"),
            (Hashtag, "Городе"),
            (Hashtag, "ЖКХ"),
            (Hashtag, "России"),
            (Hashtag, "нет"),
            (Hashtag, "воды"),
            (Hashtag, "ямыдороги"),
            (Number, "5"),
        ]
    );
}

#[test]
fn where_sentences_end() {
    for (text, expected) in [
        ("Не\nРаботает лифт", 1),
        ("Лифт не \r\nработает", 1),
        ("Лифт стоит\nНе работает", 2),
        ("Нет света. Третий день.", 2),
        ("На ул. Ленина, д. 5. Просим помочь", 2),
        ("нет света... третий день", 1),
        ("Нет света... Третий день", 2),
        ("дорога плохая.Прошу помочь", 2),
        ("ул.Ленина", 1),
        ("А.И. Левашова", 1),
        ("Света нет!!! Совсем", 2),
        ("первая\nвторая", 2),
        ("в 18.00 отключили", 1),
    ] {
        assert_eq!(sentences(text), expected, "{text}");
    }
}

#[test]
fn a_long_text_without_spaces_is_cut_in_time() {
    for piece in [
        "а",
        "a.",
        "[id",
        "@a",
        "#a_",
        "1/",
        "\u{200b}",
        "www.",
        "a@",
        "а*",
        "а-",
        "я-а-",
        "а-\n",
        "а\u{ad}\n",
        "а0",
        "#",
        "\u{301}",
        ",",
        "«",
    ] {
        let text = piece.repeat(200_000);
        assert!(tokenise(&text).len() <= text.len());
    }
}

proptest! {
    #[test]
    fn a_word_is_its_text_whether_or_not_it_is_kept_in_place(text in "\\PC{0,40}") {
        let word = Word::from(text.as_str());
        prop_assert_eq!(&*word, text.as_str());
        prop_assert!(word == *text && word == text.as_str());
    }

    #[test]
    fn spans_lie_inside_in_order(text in "\\PC{0,200}") {
        let mut last = 0;
        for token in tokenise(&text) {
            prop_assert!(last <= token.span.start && token.span.start < token.span.end);
            prop_assert!(!token.span.of(&text).is_empty());
            last = token.span.end;
        }
    }

    #[test]
    fn a_plain_word_is_read_as_any_other(
        text in "([а-еА-ЕёЁ]{1,4}|[a-cіїў]|[ ,.!?:;)\"\n*'0-]|\u{301}|\u{ad}|\u{200b}){0,30}"
    ) {
        for token in tokenise(&text).iter().filter(|token| token.kind == TokenKind::Word) {
            let extent = inside::extent(&text[token.span.start as usize..]);
            let word = token.span.of(&text);
            let spelt = if extent.is_mixed { inside::spelt(word) } else { word.to_owned() };
            prop_assert_eq!(extent.bytes, word.len());
            prop_assert_eq!(&*token.normal, normalise::word(&spelt));
        }
    }

    #[test]
    fn hostile_pieces_do_not_stop_it(
        text in "[\\[\\]|@#_./:\\\\а-еa-e0-9\u{200f}\u{301} \n'’-]{0,80}"
    ) {
        for token in tokenise(&text) {
            prop_assert!(!token.span.of(&text).is_empty());
        }
    }
}
