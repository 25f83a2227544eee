//! What a word's form alone says of towns and villages: «Глебово», «Железногорске»,
//! «Щиграх». Knows no text around the word and no list of names.

use super::{declension, vocabulary};

/// Whether a word's ending is enough for a town after «в» or «из».
pub(super) fn may_be_bare(word: &str) -> bool {
    is_of_villages(word)
        || is_of_towns(word)
        || vocabulary::is_centre(word)
        || plural_base(word).is_some()
        || is_of_one_village(word)
}

/// «Ивановки»: alone it is a surname's form, or any word's.
pub(super) fn is_of_one_village(word: &str) -> bool {
    ["овки", "евки"].iter().any(|end| word.ends_with(end))
}

/// A village's name in the nominative that no other case is like.
pub(super) fn is_straight(word: &str) -> bool {
    is_of_villages(word)
        && ["овка", "евка", "ово", "ево", "ино", "ичи"].iter().any(|end| word.ends_with(end))
}

/// Towns that are «он», by their oblique form.
pub(super) fn is_he(word: &str) -> bool {
    is_of_towns(word) || word.strip_suffix(['а', 'е', 'у']).is_some_and(declension::is_he_town)
}

/// «Глебово», «Поповке», «Юдичах»: endings that hardly any other word has.
pub(super) fn is_of_villages(word: &str) -> bool {
    const ENDINGS: [&str; 14] = [
        "ово", "ево", "ино", "ыно", "ове", "еве", "овка", "овке", "овку", "евка", "евке", "ичи",
        "ичах", "ицы",
    ];
    const OTHERS: [&str; 27] = [
        "слово",
        "здорово",
        "готово",
        "какого",
        "кино",
        "вино",
        "пиво",
        "дерево",
        "право",
        "остановка",
        "остановке",
        "остановку",
        "парковка",
        "парковке",
        "парковку",
        "обстановка",
        "обстановке",
        "подготовка",
        "установка",
        "установке",
        "столовка",
        "столовке",
        "страховка",
        "больницы",
        "границы",
        "улицы",
        "москвичи",
    ];
    word.chars().count() > 4
        && ENDINGS.iter().any(|end| word.ends_with(end))
        && !OTHERS.contains(&word)
        && !["становк", "парковк", "дготовк", "ровк"].iter().any(|part| word.contains(part))
}

/// Whether the word can hardly be but a town, in any of its cases.
pub(super) fn is_town(word: &str) -> bool {
    is_of_towns(word) || declension::is_her_town(word)
}

/// Whether a word is a town or a village by its form alone, in any case.
pub(super) fn is_known_form(word: &str) -> bool {
    is_town(word)
        || is_he(word)
        || declension::is_he_town(word)
        || is_of_villages(word)
        || vocabulary::is_centre(word)
}

/// «Курск», «Железногорске», «Волгограда».
pub(super) fn is_of_towns(word: &str) -> bool {
    const ENDINGS: [&str; 14] = [
        "ск",
        "ска",
        "ске",
        "ску",
        "цк",
        "цка",
        "цке",
        "град",
        "града",
        "граде",
        "граду",
        "бург",
        "бурга",
        "бурге",
    ];
    const OTHERS: [&str; 12] = [
        "иск",
        "риск",
        "риска",
        "риске",
        "спуск",
        "отпуск",
        "отпуске",
        "выпуск",
        "пропуск",
        "доска",
        "коляска",
        "киоск",
    ];
    word.chars().count() > 4
        && ENDINGS.iter().any(|end| word.ends_with(end))
        && !OTHERS.contains(&word)
        && !["оск", "писк", "ляск", "пуск"].iter().any(|part| word.contains(part))
}

/// «Щиграх» without its ending.
pub(super) fn plural_base(word: &str) -> Option<&str> {
    word.strip_suffix("ах").or(word.strip_suffix("ях"))
}
