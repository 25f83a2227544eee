use super::*;

fn rule(tag: &str, value: &str) -> StreamRule {
    StreamRule { tag: tag.to_owned(), value: value.to_owned() }
}

#[test]
fn phrases_become_words_that_must_all_be_there() {
    fn check(written: &str, expected: &[&str]) {
        let got: Vec<String> = words_of(written)
            .iter()
            .map(|set| set.iter().cloned().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(got, expected, "{written}");
    }
    check("яма", &["яма"]);
    check("яма|выбоина дорога", &["выбоина дорога", "дорога яма"]);
    check("открытый_люк", &["люк открытый"]);
    check("=свет нет", &["\"свет\" нет"]);
    // A beginning of a word cannot be said; the other slot can.
    check("прорв* труба", &["труба"]);
    check("прорв*|потоп*", &[]);
    // The slot with the most alternatives goes first.
    check("лёд|снег|грязь двор|улица|тротуар|мост", &["грязь", "лед", "снег"]);
}

#[test]
fn the_difference_leaves_what_is_right() {
    let (a, b) = (rule("a", "яма вологда"), rule("b", "снег вологда"));
    fn check(want: &[&StreamRule], have: &[&StreamRule], delete: &[&str], add: &[&StreamRule]) {
        let owned =
            |rules: &[&StreamRule]| rules.iter().map(|one| (*one).clone()).collect::<Vec<_>>();
        let got = difference(&owned(want), &owned(have));
        assert_eq!(got.delete, delete);
        assert_eq!(got.add, owned(add));
    }
    check(&[&a, &b], &[], &[], &[&a, &b]);
    check(&[&a, &b], &[&b, &a], &[], &[]);
    check(&[&a], &[&a, &b], &["b"], &[]);
    // The same name with other words is another rule.
    let other = rule("a", "лед вологда");
    check(&[&other], &[&a], &["a"], &[&other]);
    check(&[], &[&a], &["a"], &[]);
}

#[test]
fn a_tag_is_short_and_its_own() {
    assert_ne!(tag("roads", "яма вологда", 256), tag("roads", "яма сокол", 256));
    assert_eq!(tag(&"д".repeat(300), "яма", 64).len(), 63);
}
