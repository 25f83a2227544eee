//! Names that are objects by the words before them: where a smell comes from
//! («вонь от Грибной радуги»), and the shop of a chain beside which something is
//! («возле Магнита»). Knows no list of a region.

use crate::rules::text::forms::is_known;

use super::classes::Classes;
use super::declension;
use super::kinds::{self, Gender, Kind};
use super::nominative;
use super::objects::Mention;
use super::reading::Reading;
use super::titled;
use super::titles::CHAINS;
use super::vocabulary;

/// Words that something is beside, and those that are so with another before them.
const BESIDE: [&str; 8] = ["возле", "около", "напротив", "у", "за", "перед", "вблизи", "близ"];
const BESIDE_BY_TWO: [(&str, &str); 5] =
    [("рядом", "с"), ("рядом", "со"), ("недалеко", "от"), ("неподалеку", "от"), ("в", "районе")];
/// How words begin for what comes from works and dumps, and how far before the name.
const SMELLS: [&str; 10] =
    ["вон", "запах", "смрад", "зловон", "гарь", "гари", "дым", "выброс", "испарени", "пахнет"];
const SMELL_WITHIN: usize = 6;

/// Whether a word may be a shop of a chain, or describe what a smell comes from.
pub(super) fn may_begin(word: &str) -> bool {
    let is_chain = |chain: &&str| declension::is_form(chain, word);
    kinds::is_adjective_form(word) && !kinds::is_common_adjective(word)
        || CHAINS.iter().any(is_chain)
}

pub(super) fn may_be_at(reading: &Reading<'_>, at: usize) -> bool {
    at > 0 && reading.may_be(at, Classes::BESIDE) && reading.is_capital(at)
}

/// An object at token `at`, which has a capital letter.
pub(super) fn at(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    if !may_be_at(reading, at) || !reading.is_together(at - 1, at) {
        return None;
    }
    chain(reading, at).or_else(|| source_of_smell(reading, at))
}

/// «около Пятёрочки», «в районе «Линии»»: the shop, without its word.
fn chain(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let before = reading.word(at - 1);
    let is_by_two = || {
        let first = if at > 1 { reading.word(at - 2) } else { "" };
        BESIDE_BY_TWO.contains(&(first, before))
    };
    if !BESIDE.contains(&before) && !is_by_two() {
        return None;
    }
    let word = reading.word(at);
    // «Возле Метро» is a station where there are any.
    let is_chain = |chain: &&str| *chain != "метро" && declension::is_form(chain, word);
    let chain = CHAINS.into_iter().find(is_chain)?;
    let title = match chain {
        _ if chain == word => reading.raw(at).to_owned(),
        "пятерочка" | "пятерочки" => "Пятёрочка".to_owned(),
        "перекресток" => "Перекрёсток".to_owned(),
        other => titled::first_capital(other),
    };
    let name = format!("магазин {title}");
    Some(Mention { name, said: Some(title), ..titled::bare(at, at + 1, "object_named") })
}

/// «вонь от Грибной радуги», «дым со стороны Южной котельной».
fn source_of_smell(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let (adjective, noun) = (reading.word(at), reading.word(at + 1));
    let leads = matches!(reading.word(at - 1), "от" | "с" | "со" | "из" | "стороны");
    let is_pair = leads
        && reading.is_adjoining(at, at + 1)
        && kinds::is_adjective_form(adjective)
        && !kinds::is_common_adjective(adjective)
        && !vocabulary::is_no_name(adjective);
    let smells = |at: usize| reading.starts_any(at, &SMELLS);
    let is_smell = || {
        (at.saturating_sub(SMELL_WITHIN)..at - 1)
            .any(|back| smells(back) && reading.is_together(back, at))
    };
    if !is_pair || !is_smell() {
        return None;
    }
    let (gender, noun) = nominative_noun(adjective, noun)?;
    let kind = Kind { name: "", gender, tokens: 0 };
    let adjective = nominative::street_before(&reading.written(at, at + 1), kind);
    let noun = if reading.is_capital(at + 1) { titled::first_capital(&noun) } else { noun };
    let name = format!("{adjective} {noun}");
    Some(Mention { name, ..titled::bare(at, at + 2, "object_named") })
}

/// Of a noun in the genitive beside its adjective: «радуги» is «радуга».
fn nominative_noun(adjective: &str, noun: &str) -> Option<(Gender, String)> {
    let try_ends = |base: &str, gender: Gender, ends: &[&str]| {
        let word = ends.iter().map(|end| format!("{base}{end}")).find(|word| is_known(word));
        word.map(|word| (gender, word))
    };
    if let Some(base) = noun.strip_suffix(['и', 'ы']) {
        let is_her = adjective.ends_with("ой") || adjective.ends_with("ей");
        return is_her.then(|| try_ends(base, Gender::She, &["а", "я", "ь"]))?;
    }
    let base = noun.strip_suffix(['а', 'я'])?;
    let is_his = adjective.ends_with("ого") || adjective.ends_with("его");
    is_his.then(|| {
        let his = try_ends(base, Gender::He, &["", "ь", "й"]);
        his.or_else(|| try_ends(base, Gender::It, &["о", "е"]))
    })?
}
