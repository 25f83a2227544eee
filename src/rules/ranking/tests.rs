use super::*;
use crate::rules::text::stem::StemMemo;
use crate::rules::text::tokens::tokenise;

fn reading(text: &str) -> Reading {
    let mut memo = StemMemo::new();
    let tokens = tokenise(text);
    let stems: Vec<_> = tokens.iter().map(|token| memo.stem(&token.normal)).collect();
    read(&tokens, &stems, None, &Matters::default())
}

const PITS: [&str; 6] = [
    "На Садовой глубокая яма, машины бьют колёса",
    "Яма у моста растёт с каждым днём",
    "Выбоина на выезде, колесо разбито",
    "Асфальт провалился, яма посреди улицы",
    "Ямы по всей дороге, асфальта нет",
    "Колесо пробил в яме у школы",
];
const LAMPS: [&str; 4] = [
    "Фонарь у подъезда не горит неделю",
    "Не горят фонари на всей улице",
    "Темно вечером, фонари погасли",
    "Фонарь мигает и гаснет",
];

fn trained(habits: Habits) -> Trained {
    let labels = ["pits".to_owned(), "lamps".to_owned()];
    let texts = PITS.iter().map(|text| (text, 0)).chain(LAMPS.iter().map(|text| (text, 1)));
    let examples: Vec<Example> = texts
        .zip(1..)
        .map(|((text, label), at)| Example { reading: reading(text), label, arrived: Some(at) })
        .collect();
    train(&examples, &labels, &[reading("Ямы"), reading("Фонари")], habits)
}

fn check(text: &str, expected: usize) {
    let ranker = Ranker::new(&trained(Habits::Words).model);
    assert_eq!(ranker.scores(&reading(text)).ranked()[0], expected, "{text}");
}

#[test]
fn what_examples_taught_is_told_apart() {
    check("Опять яма на дороге", 0);
    check("Фонари во дворе не горят", 1);
    check("Фонарю пора бы гореть", 1);
    check("Колёса жалко", 0);
}

#[test]
fn a_label_with_few_examples_is_still_heard() {
    let labels = ["pits".to_owned(), "lamps".to_owned(), "hatches".to_owned()];
    let mut examples: Vec<Example> = PITS
        .iter()
        .map(|text| Example { reading: reading(text), label: 0, arrived: None })
        .collect();
    examples.push(Example { reading: reading(LAMPS[0]), label: 1, arrived: None });
    examples.push(Example {
        reading: reading("Открыт люк во дворе"), label: 2, arrived: None
    });
    let names = [reading("Ямы"), reading("Фонари"), reading("Люки без крышек")];
    let ranker = Ranker::new(&train(&examples, &labels, &names, Habits::Words).model);
    assert_eq!(ranker.scores(&reading("люк провалился")).ranked()[0], 2);
}

#[test]
fn the_same_examples_give_the_same_bytes() {
    let (one, other) = (trained(Habits::Words), trained(Habits::Words));
    let text = print(&one.model);
    assert_eq!(text, print(&other.model));
    assert_eq!(parse(&text).unwrap(), one.model);
}

#[test]
fn reasons_sum_up_to_the_score() {
    let ranker = Ranker::new(&trained(Habits::Words).model);
    let reading = reading("Глубокая яма у фонаря, яма растёт, 5 колёс пробито!");
    let scores = ranker.scores(&reading);
    for (label, score) in scores.0.iter().enumerate() {
        let reasons = ranker.reasons(&reading, label);
        let sum: f64 = reasons.iter().map(|word| word.weight).sum();
        assert!((sum - score).abs() < 1e-9, "{sum} {score}");
    }
    let heaviest = &ranker.reasons(&reading, 0)[0];
    assert_eq!(heaviest.spans.len(), 2, "«яма» stands there twice: {heaviest:?}");
}

#[test]
fn practice_of_late_speaks_where_words_do_not() {
    let trained = trained(Habits::Practice);
    let silent = reading("Здравствуйте");
    let late = trained.practice(&silent, Some(11));
    let early = trained.practice(&silent, Some(0));
    assert!(early[1] - early[0] < late[1] - late[0], "{early:?} {late:?}");
    let plain = train_without_order();
    assert_eq!(plain.practice(&silent, Some(11)), plain.practice(&silent, None));
}

fn train_without_order() -> Trained {
    let labels = ["pits".to_owned(), "lamps".to_owned()];
    let texts = PITS.iter().map(|text| (text, 0)).chain(LAMPS.iter().map(|text| (text, 1)));
    let examples: Vec<Example> = texts
        .map(|(text, label)| Example { reading: reading(text), label, arrived: None })
        .collect();
    train(&examples, &labels, &[Reading::default(), Reading::default()], Habits::Practice)
}

#[test]
fn nothing_to_read_scores_nothing() {
    let ranker = Ranker::new(&trained(Habits::Words).model);
    for text in ["", "!!!", "zzzz"] {
        assert!(ranker.scores(&reading(text)).0.iter().all(|score| score.is_finite()), "{text}");
    }
    assert_eq!(ranker.reasons(&reading(""), 0), []);
}
