//! The nominative of settlements, as far as endings tell: «в Больших Угонах» is
//! Большие Угоны, «г. Курску» is Курск. What endings leave open stays as written.

use super::kinds::Gender;
use super::nominative::{adjective_base, ending, small, titled};
use super::vocabulary;

/// In which case a name may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// «деревня Поповка»: the word before it shows the nominative.
    Itself,
    /// «д. Поповка», «г. Курска»: a shortening shows nothing.
    Unknown,
    /// «в деревне Поповке», «в Курске»: may be inflected.
    Oblique,
}

/// Towns of «-ов», «-ев» and «-ин», where most places of such an end are neuter.
const HE_TOWNS: [&str; 27] = [
    "азов",
    "балашов",
    "болхов",
    "гдов",
    "дмитров",
    "дмитриев",
    "егорьев",
    "ершов",
    "калязин",
    "камышин",
    "кашин",
    "киев",
    "киров",
    "кириллов",
    "козлов",
    "львов",
    "льгов",
    "псков",
    "пугачев",
    "пушкин",
    "ростов",
    "саратов",
    "серпухов",
    "тамбов",
    "харьков",
    "чехов",
    "чернигов",
];

/// «льгове» is Льгов, «глебове» Глебово: towns of the few masculine names.
pub(super) fn is_he_town(base: &str) -> bool {
    HE_TOWNS.contains(&base)
}

/// The nominative of a settlement of this gender: a city is «он», a деревня
/// «она», a село «оно».
pub(super) fn settlement(written: &str, gender: Gender, stand: Stand) -> String {
    let titled_name = titled(written);
    if stand == Stand::Itself {
        return titled_name;
    }
    if gender == Gender::He
        && let Some(centre) = vocabulary::centre(&small(written).replace('ё', "е"))
    {
        return if centre == "орел" { "Орёл".to_owned() } else { titled(centre) };
    }
    let titled = titled_name;
    match titled.split_once(' ') {
        Some((first, rest)) => phrase(first, rest).unwrap_or(titled),
        None => match titled.rsplit_once('-') {
            // «Ростове-на-Дону»: the first part bends.
            Some((first, last)) if first.ends_with("-на") => {
                let first = first.trim_end_matches("-на");
                format!("{}-на-{last}", word(first, gender, stand))
            }
            Some((first, last)) => format!("{first}-{}", word(last, gender, stand)),
            None => word(&titled, gender, stand),
        },
    }
}

/// «Больших Угонах», «Майской Заре», «Старом Осколе», «Красном Селе».
fn phrase(first: &str, rest: &str) -> Option<String> {
    let (base, ends) = ["ых", "их", "ой", "ей", "ом", "ем", "ого", "его"]
        .iter()
        .find_map(|ends| first.strip_suffix(ends).map(|base| (base, *ends)))?;
    let soft = base.ends_with('н') && matches!(ends, "их" | "ей" | "ем" | "его");
    let velar = base.ends_with(['г', 'к', 'х', 'ж', 'ч', 'ш', 'щ']);
    match ends {
        "ых" | "их" => {
            let noun = plural(rest)?;
            let ends = if soft || velar { "ие" } else { "ые" };
            Some(format!("{base}{ends} {noun}"))
        }
        "ой" | "ей" => {
            let noun = her_noun(rest)?;
            Some(format!("{base}{} {noun}", ending(base, soft, Gender::She)))
        }
        _ => {
            let (noun, gender) = his_noun(rest)?;
            Some(format!("{base}{} {noun}", ending(base, soft, gender)))
        }
    }
}

fn her_noun(noun: &str) -> Option<String> {
    if adjective_base(noun).is_some() || noun.ends_with(['а', 'я', 'ь']) {
        return Some(noun.to_owned());
    }
    let base = noun.strip_suffix(['е', 'ы', 'и', 'у'])?;
    let soft = ["Зар", "Земл", "Вол", "Дол"].contains(&base);
    let is_third = ["Усман", "Реч", "Пристан"].contains(&base);
    Some(match (is_third, soft) {
        (true, _) => format!("{base}ь"),
        (false, true) => format!("{base}я"),
        (false, false) => format!("{base}а"),
    })
}

fn his_noun(noun: &str) -> Option<(String, Gender)> {
    // «Верхнее Сурково», bent or not.
    let is_its = ["ово", "ево", "ино", "ыно"].iter().any(|end| noun.ends_with(end));
    if is_its {
        return Some((noun.to_owned(), Gender::It));
    }
    if let Some(base) =
        noun.strip_suffix('е').filter(|base| base.ends_with("ов") || base.ends_with("ев"))
    {
        return Some((format!("{base}о"), Gender::It));
    }
    let neuters = [("Сел", "о"), ("Озер", "о"), ("Пол", "е"), ("Устье", ""), ("Займищ", "е")];
    let base = noun.strip_suffix(['е', 'а', 'у']).unwrap_or(noun);
    if let Some((_, end)) = neuters.iter().find(|(neuter, _)| *neuter == base) {
        return Some((format!("{base}{end}"), Gender::It));
    }
    let is_soft = noun.ends_with(['я', 'ю']);
    let base = if is_soft { &noun[..noun.len() - 'я'.len_utf8()] } else { base };
    let end = if is_soft { "ь" } else { "" };
    Some((format!("{}{end}", fleeting(base)), Gender::He))
}

/// «Городка» without its ending is «Городк»: the vowel comes back.
fn fleeting(base: &str) -> String {
    base.strip_suffix("одк").map_or_else(|| base.to_owned(), |base| format!("{base}одок"))
}

/// «Угонах», «Химках», «Прудах».
fn plural(word: &str) -> Option<String> {
    let hard = word.strip_suffix("ах").or(word.strip_suffix("ам"));
    if let Some(base) = hard {
        let velar = base.ends_with(['г', 'к', 'х', 'ж', 'ч', 'ш', 'щ']);
        return Some(format!("{base}{}", if velar { "и" } else { "ы" }));
    }
    let soft = word.strip_suffix("ях").or(word.strip_suffix("ям"));
    soft.map(|base| format!("{base}и")).or_else(|| {
        let is_plural = word.ends_with(['ы', 'и']);
        is_plural.then(|| word.to_owned())
    })
}

fn word(word: &str, gender: Gender, stand: Stand) -> String {
    let lower = small(word);
    if stand == Stand::Unknown && gender != Gender::He {
        return unmistakable(word, gender).unwrap_or_else(|| word.to_owned());
    }
    unmistakable(word, gender)
        .or_else(|| her_town(word, &lower))
        .or_else(|| he(word, gender))
        .or_else(|| if stand == Stand::Oblique { her(word, gender) } else { None })
        .unwrap_or_else(|| word.to_owned())
}

/// «Москвы», «Вологде».
pub(super) fn is_her_town(word: &str) -> bool {
    her_town(word, word).is_some()
}

fn her_town(word: &str, lower: &str) -> Option<String> {
    let end = ["ой", "ы", "и", "е", "у"]
        .iter()
        .find(|end| lower.strip_suffix(**end).is_some_and(|base| HER_TOWNS.contains(&base)))?;
    word.strip_suffix(end).map(|base| format!("{base}а"))
}

/// Endings that no nominative has.
fn unmistakable(word: &str, gender: Gender) -> Option<String> {
    for (ends, other) in [
        ("овке", "овка"),
        ("евке", "евка"),
        ("овку", "овка"),
        ("евку", "евка"),
        ("инке", "инка"),
        ("ичах", "ичи"),
        ("граде", "град"),
        ("граду", "град"),
        ("градом", "град"),
        ("бурге", "бург"),
        ("городе", "город"),
    ] {
        if let Some(base) = word.strip_suffix(ends) {
            return Some(format!("{base}{other}"));
        }
    }
    if word.ends_with("ах") || word.ends_with("ях") {
        return plural(word);
    }
    let adjectival = ["ском", "цком", "ского", "ного", "ной", "ской", "ном", "вом", "лом"];
    if adjectival.iter().any(|end| word.ends_with(end)) {
        return adjectival_name(word, gender);
    }
    None
}

/// «в Касторном», «в деревне Подгорной», «посёлка Юбилейного».
fn adjectival_name(word: &str, gender: Gender) -> Option<String> {
    let ends = ["ого", "ому", "ом", "ой"].iter().find(|end| word.ends_with(*end))?;
    let base = word.strip_suffix(*ends)?;
    let is_hers = *ends == "ой";
    match (gender, is_hers) {
        (Gender::She, true) => Some(format!("{base}ая")),
        // «посёлок Полевой» is the nominative.
        (_, true) => None,
        (Gender::She, false) | (Gender::It, false) => {
            Some(format!("{base}{}", ending(base, false, Gender::It)))
        }
        (Gender::He, false) => Some(format!("{base}{}", ending(base, false, Gender::He))),
    }
}

/// Large towns of «-а», whose other cases would pass for plurals or for men.
const HER_TOWNS: [&str; 22] = [
    "анап",
    "балаших",
    "вологд",
    "воркут",
    "вязьм",
    "елабуг",
    "инт",
    "калуг",
    "кинешм",
    "коломн",
    "костром",
    "махачкал",
    "москв",
    "пенз",
    "самар",
    "судж",
    "тул",
    "уф",
    "ухт",
    "чит",
    "элист",
    "ялт",
];

/// «Курска», «Льгове», «Череповцу», «Белгорода».
fn he(word: &str, gender: Gender) -> Option<String> {
    let base = ["ом", "а", "е", "у"].iter().find_map(|end| word.strip_suffix(end))?;
    // Of its own: «İ» has other bytes in small letters, and «Ⱥ» more of them.
    let lower = small(base);
    let stem = &*lower;
    if ["ск", "цк", "град", "бург", "город", "поль", "горск"].iter().any(|end| stem.ends_with(end))
    {
        return Some(base.to_owned());
    }
    // «Череповце», «Олонца»: the vowel comes back.
    if let Some(base) = base.strip_suffix('ц')
        && gender == Gender::He
        && !base.ends_with(['а', 'е', 'и', 'о', 'у', 'ы'])
    {
        return Some(format!("{base}ец"));
    }
    let is_town = is_he_town(stem);
    let is_of_town = ["ов", "ев", "ин", "ын"].iter().any(|end| stem.ends_with(end));
    if is_town || (is_of_town && gender == Gender::He) {
        return Some(base.to_owned());
    }
    // «в селе Глебове»: neuter names seldom bend, but they do.
    (is_of_town && !word.ends_with('а') && gender != Gender::She).then(|| format!("{base}о"))
}

/// «Вологде», «деревню Юдовку», «Обояни».
fn her(word: &str, gender: Gender) -> Option<String> {
    if gender == Gender::It || word.ends_with("ье") || word.ends_with("ое") || word.ends_with("ее")
    {
        return None;
    }
    if let Some(base) = word.strip_suffix(['е', 'у']) {
        let is_hard = base.ends_with([
            'б', 'в', 'г', 'д', 'ж', 'з', 'к', 'л', 'м', 'н', 'п', 'р', 'с', 'т', 'ф', 'х', 'ш',
        ]);
        return is_hard.then(|| format!("{base}а"));
    }
    let base = word.strip_suffix('и')?;
    let is_soft = ["ан", "ян", "ен", "ер", "юмен", "ерм", "азан", "бл"]
        .iter()
        .any(|end| base.to_lowercase().ends_with(end));
    if is_soft {
        return Some(format!("{base}ь"));
    }
    let is_plural_more_often = !["овк", "евк", "инк"].iter().any(|end| base.ends_with(end));
    (!is_plural_more_often).then(|| format!("{base}а"))
}

/// Whether a word can be a case of a name in the nominative: «Льгове» is one of
/// Льгов, «Дмитрий» none of Дмитриев, whatever stem they share. Both in small
/// letters.
pub(super) fn is_form(name: &str, word: &str) -> bool {
    if name == word || name.chars().count() < 3 {
        return true;
    }
    let (cut, endings) = paradigm(name);
    let base = &name[..name.len() - cut.len()];
    let is_of = |base: &str| word.strip_prefix(base).is_some_and(|end| endings.contains(&end));
    is_of(base)
        || FLEETING.iter().any(|(full, short)| {
            name.strip_suffix(full).is_some_and(|root| is_of(&format!("{root}{short}")))
        })
}

/// Ends with a vowel that other cases lose, and what is left of them.
const FLEETING: [(&str, &str); 6] =
    [("ец", "ц"), ("ок", "к"), ("ек", "ьк"), ("ек", "к"), ("ел", "л"), ("ень", "н")];

/// What a name's cases change of it, and their endings.
fn paradigm(name: &str) -> (&'static str, &'static [&'static str]) {
    const HE: &[&str] = &["", "а", "у", "ом", "ем", "е", "ым", "ы", "ов"];
    const PARADIGMS: [(&str, &[&str]); 15] = [
        ("ый", &["ый", "ого", "ому", "ым", "ом"]),
        ("ий", &["ий", "ого", "ему", "ому", "им", "ем", "ом", "его"]),
        ("ой", &["ой", "ого", "ому", "ым", "им", "ом"]),
        ("ая", &["ая", "ой", "ую", "ою"]),
        ("яя", &["яя", "ей", "юю"]),
        ("ое", &["ое", "ого", "ому", "ым", "им", "ом"]),
        ("ые", &["ые", "ых", "ым", "ыми"]),
        ("ие", &["ие", "их", "им", "ими", "ия", "ию", "ием", "ии"]),
        ("ь", &["ь", "и", "ью", "я", "ю", "ем", "е"]),
        ("а", &["а", "ы", "и", "е", "у", "ой", "ою", "ей"]),
        ("я", &["я", "и", "е", "ю", "ей", "ой"]),
        ("о", &["о", "а", "у", "ом", "е"]),
        ("е", &["е", "я", "ю", "ем", "и", "а", "у", "ом"]),
        ("ы", &["ы", "", "ов", "ам", "ах", "ами"]),
        ("и", &["и", "", "ов", "ев", "ей", "ам", "ям", "ах", "ях", "ами", "ями"]),
    ];
    let found = PARADIGMS.iter().find(|(cut, _)| name.ends_with(cut));
    found.map_or(("", HE), |&(cut, endings)| (cut, endings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Gender::{He, It, She};
    use Stand::{Itself, Oblique, Unknown};

    #[test]
    fn settlements_in_the_nominative() {
        for (written, gender, stand, expected) in [
            ("Курска", He, Oblique, "Курск"),
            ("Курску", He, Unknown, "Курск"),
            ("ЖЕЛЕЗНОГОРСК", He, Unknown, "Железногорск"),
            ("Льгове", He, Oblique, "Льгов"),
            ("Ростове-на-Дону", He, Oblique, "Ростов-на-Дону"),
            ("Волгограде", He, Oblique, "Волгоград"),
            ("Череповца", He, Oblique, "Череповец"),
            ("Вологде", He, Oblique, "Вологда"),
            ("Суджа", He, Oblique, "Суджа"),
            ("Щигры", He, Unknown, "Щигры"),
            ("Щиграх", He, Oblique, "Щигры"),
            ("Обояни", He, Oblique, "Обоянь"),
            ("Нижнем Новгороде", He, Oblique, "Нижний Новгород"),
            ("Старом Осколе", He, Oblique, "Старый Оскол"),
            ("Больших Угонах", She, Oblique, "Большие Угоны"),
            ("большие угоны", She, Oblique, "Большие Угоны"),
            ("Верхних Луках", She, Oblique, "Верхние Луки"),
            ("Майской Заре", She, Oblique, "Майская Заря"),
            ("Красной Поляне", It, Oblique, "Красная Поляна"),
            ("Красном Селе", It, Oblique, "Красное Село"),
            ("Поповке", She, Oblique, "Поповка"),
            ("Поповка", She, Oblique, "Поповка"),
            ("Юдовку", She, Oblique, "Юдовка"),
            ("Глебово", It, Oblique, "Глебово"),
            ("Глебове", It, Oblique, "Глебово"),
            ("Кочетно", It, Unknown, "Кочетно"),
            ("Дичня", It, Unknown, "Дичня"),
            ("Троицком", It, Oblique, "Троицкое"),
            ("Касторном", It, Oblique, "Касторное"),
            ("Юбилейного", He, Oblique, "Юбилейный"),
            ("Искра", He, Unknown, "Искра"),
            ("Подгорной", She, Oblique, "Подгорная"),
            ("Муравлево", She, Oblique, "Муравлево"),
            ("Петушки", He, Itself, "Петушки"),
            ("İркутске", He, Oblique, "İркутск"),
            ("Ⱥове", She, Oblique, "Ⱥова"),
        ] {
            assert_eq!(settlement(written, gender, stand), expected, "{written} {gender:?}");
        }
    }

    #[test]
    fn cases_of_a_name_and_words_of_its_stem() {
        for (name, word) in [
            ("льгов", "льгове"),
            ("курск", "курску"),
            ("череповец", "череповце"),
            ("городок", "городке"),
            ("орел", "орле"),
            ("суджа", "судже"),
            ("обоянь", "обояни"),
            ("щигры", "щиграх"),
            ("иваново", "иванове"),
            ("полевая", "полевой"),
            ("юбилейный", "юбилейном"),
            ("заречье", "заречья"),
        ] {
            assert!(is_form(name, word), "{name} {word}");
        }
        for (name, word) in [
            ("дмитриев", "дмитрий"),
            ("курск", "курская"),
            ("пушкарное", "пушкарный"),
            ("искра", "искренне"),
            ("майский", "майская"),
        ] {
            assert!(!is_form(name, word), "{name} {word}");
        }
    }

    #[test]
    fn a_nominative_stays_as_it_is() {
        for name in ["Курск", "Большие Угоны", "Майская Заря", "Поповка", "Иваново", "Заречье"]
        {
            assert_eq!(settlement(name, He, Unknown), name);
        }
    }
}
