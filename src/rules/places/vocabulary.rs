//! Words that mean the same in the address of every town: whom streets are
//! named after, and what only looks like a name. No list of any town's streets.

/// Ranks and titles before a surname, in the genitive: «улица Маршала Жукова».
#[rustfmt::skip]
const RANKS: [&str; 26] = [
    "адмирала", "академика", "архитектора", "братьев", "воинов", "генерала", "героев", "героя",
    "доктора", "защитников", "инженера", "капитана", "комбрига", "комиссара", "композитора",
    "конструктора", "космонавта", "лейтенанта", "летчика", "майора", "маршала", "партизана",
    "писателя", "полковника", "профессора", "сержанта",
];

/// Given names, in the genitive, that people leave before a surname.
#[rustfmt::skip]
const GIVEN: [&str; 66] = [
    "александра", "алексея", "анатолия", "андрея", "анны", "антона", "богдана", "валентины",
    "васи", "василия", "вацлава", "веры", "виктора", "владимира", "вячеслава", "геннадия",
    "георгия", "германа", "григория", "дмитрия", "евгения", "екатерины", "елены", "емельяна",
    "зои", "ивана", "игоря", "ильи", "иосифа", "карла", "кати", "клары", "константина",
    "кузьмы", "леонида", "лизы", "льва", "максима", "марии", "марины", "михаила", "надежды",
    "никиты", "николая", "олега", "ольги", "павла", "павлика", "петра", "полины", "рихарда",
    "розы", "романа", "сакко", "семена", "сергея", "софьи", "степана", "тараса", "тимофея",
    "федора", "филиппа", "эрнста", "юлиуса", "юрия", "якова",
];

/// What a street is called after in every town, in the genitive.
#[rustfmt::skip]
const HONOURED: [&str; 98] = [
    "баумана", "белинского", "блюхера", "богдановича", "большевиков", "бутлерова", "ватутина",
    "ветеранов", "войкова", "володарского", "воровского", "ворошилова", "высоцкого", "гагарина",
    "гайдара", "герцена", "гоголя", "гончарова", "горького", "грибоедова", "дзержинского",
    "димитрова", "добролюбова", "докучаева", "достоевского", "дружбы", "есенина", "жданова",
    "железнодорожников", "жукова", "жуковского", "калинина", "кирова", "комарова", "коммунаров",
    "королева", "короленко", "космонавтов", "котовского", "крупской", "крылова", "куйбышева",
    "курчатова", "кутузова", "лазо", "ленина", "лермонтова", "либкнехта", "литвинова",
    "ломоносова", "луначарского", "люксембург", "маркса", "матросова", "маяковского",
    "менделеева", "металлургов", "мира", "мичурина", "нахимова", "некрасова", "нефтяников",
    "орджоникидзе", "островского", "павлова", "папанина", "пионеров", "пирогова", "плеханова",
    "победы", "попова", "пушкина", "радищева", "репина", "рокоссовского", "рылеева",
    "свердлова", "строителей", "суворова", "сурикова", "текстильщиков", "тельмана",
    "терешковой", "тимирязева", "толстого", "тургенева", "тухачевского", "урицкого", "фрунзе",
    "фурманова", "химиков", "циолковского", "чайковского", "чапаева", "чехова", "шахтеров",
    "энергетиков", "энтузиастов",
];

/// Of those, the ones that are ordinary words too.
const ORDINARY: [&str; 15] = [
    "мира",
    "победы",
    "дружбы",
    "космонавтов",
    "строителей",
    "энергетиков",
    "энтузиастов",
    "нефтяников",
    "шахтеров",
    "железнодорожников",
    "химиков",
    "текстильщиков",
    "пионеров",
    "ветеранов",
    "металлургов",
];

/// Shortened ranks: «ул. Ак. Павлова».
const SHORT_RANKS: [&str; 9] = ["ак", "акад", "ген", "марш", "адм", "проф", "кап", "лейт", "полк"];

/// Centres of regions and other large towns that their endings do not tell. Moscow is not
/// among them: it is named to compare with.
#[rustfmt::skip]
const CENTRES: [&str; 65] = [
    "абакан", "архангельск", "астрахань", "барнаул", "белгород", "владивосток", "владикавказ",
    "вологда", "воронеж", "ижевск", "казань", "калуга", "кострома", "краснодар", "курган",
    "магадан", "майкоп", "махачкала", "нальчик", "орел", "пенза", "пермь", "рязань", "самара",
    "саранск", "севастополь", "симферополь", "сочи", "ставрополь", "сургут", "тверь", "тула",
    "тюмень", "уфа", "чебоксары", "череповец", "черкесск", "чита", "элиста", "ярославль",
    "сызрань", "таганрог", "тольятти", "стерлитамак", "мытищи", "люберцы", "химки", "балашиха",
    "электросталь", "миасс", "златоуст", "армавир", "ессентуки", "дербент", "хасавюрт",
    "назрань", "березники", "сарапул", "муром", "арзамас", "саров", "орск", "омск", "кызыл",
    "реутов",
];

/// Surnames in the genitive that look like an adjective of a street.
const HER_SURNAMES: [&str; 12] = [
    "ахматовой",
    "бабушкиной",
    "гризодубовой",
    "ковалевской",
    "космодемьянской",
    "крупской",
    "перовской",
    "плевицкой",
    "расковой",
    "терешковой",
    "цветаевой",
    "чайкиной",
];

/// Nouns that end as a surname in the genitive does.
#[rustfmt::skip]
const NOT_SURNAMES: [&str; 31] = [
    "витрина", "волокита", "глубина", "годовщина", "голова", "долина", "дрова", "дубина",
    "женщина", "картина", "корова", "малина", "машина", "мужчина", "основа", "пластина",
    "плотина", "половина", "причина", "псина", "пучина", "резина", "рябина", "середина",
    "скотина", "слова", "снова", "тишина", "трясина", "шина", "ширина",
];

/// Capitalised words that begin a sentence or name an office, never a street
/// or a town.
#[rustfmt::skip]
const NOT_NAMES: [&str; 73] = [
    "администрации", "администрация", "адрес", "адресу", "будет", "было", "вблизи", "весь",
    "вечер", "возле", "вот", "все", "вчера", "где", "главе", "город", "города", "господин",
    "губернатор", "день", "доброе", "добрый", "еще", "жители", "житель", "жкх", "жэк", "жэу",
    "за", "имеется", "информация", "к", "как", "комитет", "мы", "мэр", "нами", "находится",
    "наш", "наша", "она", "они", "опять", "отсутствует", "очень", "писал", "писала",
    "подскажите", "пожалуйста", "помогите", "после", "постоянно", "президент", "прокуратура",
    "просьба", "с", "сегодня", "сейчас", "снова", "спасибо", "срочно", "так", "там", "тк",
    "только", "тсж", "уважаемые", "уважаемый", "уже", "ук", "улицы", "утро", "это",
];

/// Small words, and what complaints begin or go on with.
#[rustfmt::skip]
const FUNCTION: [&str; 70] = [
    "а", "без", "был", "была", "были", "было", "в", "весь", "во", "возле", "вот", "все", "вся",
    "где", "да", "для", "до", "если", "есть", "же", "за", "и", "из", "из-за", "или", "их", "к",
    "как", "когда", "которая", "которой", "кто", "ли", "мимо", "можно", "мы", "на", "нам",
    "нас", "не", "невозможно", "нельзя", "нет", "но", "ну", "о", "около", "он", "опять", "от",
    "очень", "по", "под", "после", "при", "с", "сегодня", "сейчас", "сильно", "снова", "со",
    "там", "то", "у", "уже", "чем", "что", "эта", "это", "этой",
];

/// The long lists are sorted: most words of a text are asked for.
fn has(sorted: &[&str], word: &str) -> bool {
    sorted.binary_search(&word).is_ok()
}

pub(super) fn is_rank(word: &str) -> bool {
    has(&RANKS, word)
}

pub(super) fn is_given(word: &str) -> bool {
    has(&GIVEN, word)
}

pub(super) fn is_honoured(word: &str) -> bool {
    has(&HONOURED, word)
}

/// «победы», «мира»: a street only where an address says so.
pub(super) fn is_ordinary(word: &str) -> bool {
    ORDINARY.contains(&word)
}

/// «Ак.», «ген.»
pub(super) fn is_short_rank(word: &str) -> bool {
    SHORT_RANKS.contains(&word)
}

/// The centre of a region that a word names in any of its cases.
pub(super) fn centre(word: &str) -> Option<&'static str> {
    const ENDINGS: [&str; 13] =
        ["", "а", "е", "у", "и", "ы", "ю", "я", "ь", "ом", "ем", "ой", "ах"];
    let is_centre = |centre: &&str| {
        let stem = match *centre {
            "орел" => "орл",
            "череповец" => "череповц",
            other => other.trim_end_matches(['а', 'ь', 'ы', 'и']),
        };
        word == *centre || word.strip_prefix(stem).is_some_and(|end| ENDINGS.contains(&end))
    };
    // No form of a centre has another first letter than it.
    let first = word.get(..'а'.len_utf8())?;
    CENTRES.into_iter().filter(|centre| centre.starts_with(first)).find(is_centre)
}

/// A large town that everybody knows, in any of its cases.
pub(super) fn is_centre(word: &str) -> bool {
    centre(word).is_some()
}

pub(super) fn is_her_surname(word: &str) -> bool {
    has(&HER_SURNAMES, word)
}

pub(super) fn is_no_name(word: &str) -> bool {
    has(&FUNCTION, word) || has(&NOT_NAMES, word) || is_told(word)
}

pub(super) fn is_function(word: &str) -> bool {
    has(&FUNCTION, word)
}

/// A surname as it stands in a street's name: «Ломакина», «Чернышевского».
pub(super) fn is_surname(word: &str) -> bool {
    const ENDINGS: [&str; 11] =
        ["ова", "ева", "ина", "ына", "ского", "цкого", "енко", "ича", "швили", "ых", "ука"];
    word.chars().count() >= 5
        && ENDINGS.iter().any(|ending| word.ends_with(ending))
        && !has(&NOT_SURNAMES, word)
        && !word.ends_with("щина")
}

/// Verbs and adverbs, as far as their endings tell.
pub(super) fn is_told(word: &str) -> bool {
    const ENDINGS: [&str; 20] = [
        "ть", "ться", "тся", "лся", "лась", "лось", "лись", "йте", "ите", "ает", "яет", "ует",
        "ют", "ят", "ешь", "ишь", "али", "или", "ели", "нно",
    ];
    word.chars().count() > 3 && ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// What may stand after a street or town without making another thing of it:
/// small words, verbs, adverbs; never a noun that takes the name as its adjective.
pub(super) fn is_apart(word: &str) -> bool {
    word.is_empty()
        || is_function(word)
        || is_told(word)
        || word.ends_with("ло")
        || word.ends_with("ла")
        || word.ends_with("ли")
        || (word.ends_with('о') && !word.ends_with("го") && word.chars().count() > 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_lists_are_sorted() {
        let lists: [&[&str]; 7] =
            [&RANKS, &GIVEN, &HONOURED, &NOT_SURNAMES, &NOT_NAMES, &FUNCTION, &HER_SURNAMES];
        assert!(lists.iter().all(|list| list.is_sorted()));
    }
}
