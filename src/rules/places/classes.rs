//! What a word may be to the finders of places, worked out once for each
//! distinct word: most words of a text are nothing to any of them. A class says
//! where a finder has to look, never that there is a place: it may hold words
//! too many, and holds every word at which its finder finds anything. The last
//! few are no finder's but certain, and asked for many times of each word.

use std::ops::BitOr;

use super::{
    bare_streets, beside, houses, kinds, localities, objects, titled, town_forms, vocabulary,
};

/// A set of bits; a word may be of several classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Classes(u32);

impl Classes {
    pub(super) const NONE: Classes = Classes(0);
    /// «улица», «ул», and the first part of «пр-кт».
    pub(super) const STREET_KIND: Classes = Classes(1);
    /// Begins a street's name in the pack, or what people say for one.
    pub(super) const STREET_NAME: Classes = Classes(1 << 1);
    /// With a capital letter the word may be a street that nothing announces.
    pub(super) const STREET_CAPITAL: Classes = Classes(1 << 2);
    /// The word may be such a street in small letters too, or «улЛенина».
    pub(super) const STREET_SMALL: Classes = Classes(1 << 3);
    /// Begins the name of a settlement or municipality of the pack.
    pub(super) const SETTLEMENT_NAME: Classes = Classes(1 << 4);
    /// «деревня», «г».
    pub(super) const SETTLEMENT_KIND: Classes = Classes(1 << 5);
    /// Ends as towns and villages do, or is a town that everybody knows.
    pub(super) const SETTLEMENT_FORM: Classes = Classes(1 << 6);
    /// «сельсовет», whose name stands before it.
    pub(super) const COUNCIL: Classes = Classes(1 << 7);
    /// Begins the name of an object of the pack.
    pub(super) const OBJECT_NAME: Classes = Classes(1 << 8);
    /// «школа», «маршрут»: what has numbers.
    pub(super) const NUMBERED: Classes = Classes(1 << 9);
    /// «остановка», «магазин», «трасса»: what has a title.
    pub(super) const TITLED: Classes = Classes(1 << 10);
    /// «сквер», «роща»: what its adjective names.
    pub(super) const DESCRIBED: Classes = Classes(1 << 11);
    /// «квартал», «мкр».
    pub(super) const QUARTER: Classes = Classes(1 << 12);
    /// «пятая», «сорок»: a number in words.
    pub(super) const ORDINAL: Classes = Classes(1 << 13);
    /// «дом», «д».
    pub(super) const HOUSE: Classes = Classes(1 << 14);
    /// «автобус»: the text is about transport.
    pub(super) const TRANSPORT: Classes = Classes(1 << 15);
    /// «Магнита», «Грибной»: an object by the words before it.
    pub(super) const BESIDE: Classes = Classes(1 << 16);
    /// All of those above: every finder looks.
    #[cfg(test)]
    pub(super) const ANY: Classes = Classes((1 << 17) - 1);

    /// No finder's, but certain, and asked for many times: the word is no name.
    pub(super) const NO_NAME: Classes = Classes(1 << 17);
    /// The same: the word ends a name, being an address's own.
    pub(super) const ADDRESS_WORD: Classes = Classes(1 << 18);
    /// The same: streets are called after whom the word means.
    pub(super) const HONOURED: Classes = Classes(1 << 19);
    /// The same: the word is a rank or a title.
    pub(super) const RANK: Classes = Classes(1 << 20);

    /// The classes of a word in normal form that any region has.
    pub(super) fn of(word: &str) -> Classes {
        let classes = [
            (kinds::may_be_kind(word), Classes::STREET_KIND),
            (bare_streets::may_be_capital(word), Classes::STREET_CAPITAL),
            (bare_streets::may_be_small(word), Classes::STREET_SMALL),
            (localities::may_be_kind(word), Classes::SETTLEMENT_KIND),
            (town_forms::may_be_bare(word), Classes::SETTLEMENT_FORM),
            (localities::is_council(word), Classes::COUNCIL),
            (objects::may_have_number(word), Classes::NUMBERED),
            (titled::may_begin(word), Classes::TITLED),
            (titled::may_be_described(word), Classes::DESCRIBED),
            (objects::quarter(word).is_some(), Classes::QUARTER),
            (houses::may_be_ordinal(word), Classes::ORDINAL),
            (houses::is_house_word(word), Classes::HOUSE),
            (objects::is_of_transport(word), Classes::TRANSPORT),
            (beside::may_begin(word), Classes::BESIDE),
            (vocabulary::is_no_name(word), Classes::NO_NAME),
            (kinds::is_address_word(word), Classes::ADDRESS_WORD),
            (vocabulary::is_honoured(word), Classes::HONOURED),
            (vocabulary::is_rank(word), Classes::RANK),
        ];
        classes.into_iter().fold(Classes::NONE, |all, (is_its, class)| all | class.only_if(is_its))
    }

    /// This class where it is the word's, otherwise none.
    pub(super) fn only_if(self, is_its: bool) -> Classes {
        if is_its { self } else { Classes::NONE }
    }

    /// Whether the word is of any of these.
    pub(super) fn any(self, of: Classes) -> bool {
        self.0 & of.0 != 0
    }
}

impl BitOr for Classes {
    type Output = Classes;

    fn bitor(self, other: Classes) -> Classes {
        Classes(self.0 | other.0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use crate::model::region::Geography;
    use crate::rules::places::tests::region;
    use crate::rules::places::{Gazetteer, Said};
    use crate::rules::text::stem::StemMemo;
    use crate::rules::text::tokens::tokenise;

    use super::*;

    /// What a text says where each finder looks at the words of its class, and
    /// where all look at every word.
    pub(in crate::rules::places) fn both_ways(gazetteer: &Gazetteer, text: &str) -> [Said; 2] {
        let tokens = tokenise(text);
        let (stems, classes) = gazetteer.known(&mut StemMemo::new(), &tokens);
        let everywhere: Vec<Classes> = classes.iter().map(|own| *own | Classes::ANY).collect();
        [&classes, &everywhere].map(|classes| gazetteer.said_of(text, &tokens, (&stems, classes)))
    }

    fn check(text: &str) {
        for gazetteer in [Gazetteer::new(&region()), Gazetteer::of(&Geography::default())] {
            let [by_class, everywhere] = both_ways(&gazetteer, text);
            assert_eq!(by_class, everywhere, "{text}");
        }
    }

    #[test]
    fn most_words_are_of_no_class() {
        for word in ["отключили", "воду", "опять", "никто", "не", "чинит", "", "water", "15"]
        {
            let capital = Classes::STREET_CAPITAL | Classes::BESIDE;
            let may = Classes::ANY.0 & !capital.0;
            assert!(!Classes::of(word).any(Classes(may)), "{word}");
        }
    }

    /// What addresses are made of, in the letters that people use.
    #[rustfmt::skip]
    const PIECES: [&str; 89] = [
        "ул", "ул.", "улица", "улицах:", "пр-кт", "пер.", "Ленина", "ленина", "улЛенина", "К.", "Карла", "Маркса",
        "Садовой", "садовая", "Победы", "победы", "50", "лет", "Октября", "8", "марта", "на", "по", "в", "из", "у",
        "от", "до", "с", "и", ",", ".", "-", "/", "«", "»", "№", "\n", "д.", "д", "дом", "дома", "5", "12а", "5-й",
        "пятого", "сорок", "восьмой", "кв.", "корп.", "г.", "город", "деревня", "Поповка", "Вологда", "вологде",
        "Шексна", "Щиграх", "Глебово", "Курска", "Полевской", "сельсовет", "школа", "д/с", "автобус", "где", "не",
        "остановка", "Рынок", "Красный", "мост", "через", "реку", "Пролетарский", "сквер", "магазин", "Магнит",
        "возле", "Магнита", "вонь", "Грибной", "радуги", "мкр", "2", "трасса", "М-4", "км", "Ленинградка", "перекрёсток",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn no_finder_misses_a_word_of_another_class(
            pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 1..14)
        ) {
            check(&pieces.join(" "));
        }
    }
}
