//! What a word may be to the finders of places, worked out once for each
//! distinct word: most words of a text are nothing to any of them. A class says
//! where a finder has to look, never that there is a place: it may hold words
//! too many, and holds every word at which its finder finds anything.

use std::ops::BitOr;

use super::{bare_streets, houses, kinds, localities, objects, titled, vocabulary};

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
    /// All of those above: every finder looks.
    #[cfg(test)]
    pub(super) const ANY: Classes = Classes((1 << 16) - 1);

    /// No finder's, but certain, and asked for many times: the word is no name.
    pub(super) const NO_NAME: Classes = Classes(1 << 16);
    /// The same: the word ends a name, being an address's own.
    pub(super) const ADDRESS_WORD: Classes = Classes(1 << 17);

    /// The classes of a word in normal form that any region has.
    pub(super) fn of(word: &str) -> Classes {
        let classes = [
            (kinds::may_be_kind(word), Classes::STREET_KIND),
            (bare_streets::may_be_capital(word), Classes::STREET_CAPITAL),
            (bare_streets::may_be_small(word), Classes::STREET_SMALL),
            (localities::may_be_kind(word), Classes::SETTLEMENT_KIND),
            (localities::may_be_bare(word), Classes::SETTLEMENT_FORM),
            (localities::is_council(word), Classes::COUNCIL),
            (objects::may_have_number(word), Classes::NUMBERED),
            (titled::may_begin(word), Classes::TITLED),
            (titled::may_be_described(word), Classes::DESCRIBED),
            (objects::quarter(word).is_some(), Classes::QUARTER),
            (houses::may_be_ordinal(word), Classes::ORDINAL),
            (houses::is_house_word(word), Classes::HOUSE),
            (objects::is_of_transport(word), Classes::TRANSPORT),
            (vocabulary::is_no_name(word), Classes::NO_NAME),
            (kinds::is_address_word(word), Classes::ADDRESS_WORD),
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
