//! Where a sentence ends. Keywords are looked for within one sentence, so a
//! wrong border costs either a missed complaint or an invented one.

use super::{Token, TokenKind, is_digit, is_letter};

/// Words after which a point is a shortening, not an end.
const SHORTENED: [&str; 47] = [
    "ак",
    "ген",
    "марш",
    "адм",
    "пгт",
    "ул",
    "пр",
    "пер",
    "кв",
    "стр",
    "корп",
    "им",
    "тел",
    "руб",
    "тыс",
    "млн",
    "млрд",
    "мкр",
    "мкрн",
    "обл",
    "пос",
    "ост",
    "пл",
    "наб",
    "бул",
    "просп",
    "гор",
    "дер",
    "оз",
    "см",
    "напр",
    "св",
    "ст",
    "эт",
    "под",
    "лит",
    "коп",
    "мин",
    "сек",
    "чел",
    "др",
    "пр",
    "ред",
    "тер",
    "бр",
    "проф",
    "акад",
];

/// A word of so many bytes before a point without a space ends a sentence
/// («плохая.Прошу»); a shorter one is a shortening («ул.Ленина»).
const GLUED_WORD_MIN_BYTES: usize = 8;

/// Words after which a line may break but no sentence ends.
const LEADING: [&str; 20] = [
    "не", "ни", "в", "во", "на", "с", "со", "к", "у", "о", "об", "от", "из", "для", "без", "до",
    "под", "при", "и", "или",
];

/// Whether `sign`, at byte `at` of the text, ends the sentence of the token before it.
pub(super) fn ends(sign: char, before: Option<&Token>, at: usize, after: &str) -> bool {
    match sign {
        '!' | '?' | '\u{2029}' => true,
        '\n' => !before.is_some_and(|token| leads_on(token, at)),
        '…' => !goes_on_in_lower_case(after),
        '.' => point_ends(before.filter(|token| token.span.end as usize == at), after),
        _ => false,
    }
}

/// «Не⏎Работает светофор»: the line ends beside a word that wants another, but
/// for a space and a carriage return.
fn leads_on(token: &Token, at: usize) -> bool {
    at <= token.span.end as usize + 2 && LEADING.contains(&&*token.normal)
}

fn point_ends(before: Option<&Token>, after: &str) -> bool {
    if goes_on_in_lower_case(after) {
        return false;
    }
    // The second and third points of an ellipsis have no token at their side.
    let Some(token) = before else { return true };
    match after.chars().next() {
        Some(next) if is_digit(next) => false,
        Some(next) if is_letter(next) => {
            token.kind == TokenKind::Word && token.normal.len() >= GLUED_WORD_MIN_BYTES
        }
        _ => !is_shortening(token),
    }
}

fn goes_on_in_lower_case(after: &str) -> bool {
    after
        .chars()
        .take(8)
        .find(|sign| !matches!(sign, ' ' | '.' | '…'))
        .is_some_and(|sign| sign.is_lowercase())
}

fn is_shortening(token: &Token) -> bool {
    token.kind == TokenKind::Word
        && (token.normal.chars().count() == 1 || SHORTENED.contains(&&*token.normal))
}
