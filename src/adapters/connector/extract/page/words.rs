//! The words of a part of a page without what its layout adds: counters,
//! buttons, advertisements. They change by themselves, and a text that changes
//! is taken for an edit.

use std::sync::LazyLock;

use scraper::ElementRef;
use scraper::Selector;

use crate::adapters::connector::markup;
use crate::adapters::connector::parsing;

/// Elements that are never what somebody wrote.
static NOISE: LazyLock<Option<Selector>> = LazyLock::new(|| {
    let noise = "script, style, noscript, nav, form, button, select, iframe, svg, [hidden], \
        [aria-hidden='true'], [class*='counter'], [class*='views'], [class*='viewed'], \
        [class*='share'], [class*='social'], [class*='likes'], [class*='rating'], \
        [class*='banner'], [class*='advert'], [class*='breadcrumb'], [class*='pagination']";
    Selector::parse(noise).ok()
});

/// How lines begin that count something, or that are buttons without being
/// marked as such.
const COUNTERS: [&str; 8] = [
    "просмотр",
    "количество просмотров",
    "число просмотров",
    "прочитано",
    "прочитали",
    "поделиться",
    "распечатать",
    "версия для печати",
];
/// A longer line is a sentence that begins with the same word.
const COUNTER_MAX_CHARS: usize = 50;

/// The words of an element.
pub fn of(element: ElementRef<'_>) -> String {
    let mut copy = parsing::fragment(&element.html());
    if let Some(noise) = NOISE.as_ref() {
        // The element itself was chosen, whatever it is called.
        let root = copy.root_element().child_elements().next().map(|root| root.id());
        let found: Vec<_> = copy.select(noise).map(|found| found.id()).collect();
        for id in found.into_iter().filter(|id| Some(*id) != root) {
            if let Some(mut node) = copy.tree.get_mut(id) {
                node.detach();
            }
        }
    }
    let text = markup::element_text(copy.root_element());
    let lines: Vec<&str> = text.lines().filter(|line| !is_counter(line)).collect();
    markup::tidy(&lines.join("\n"))
}

fn is_counter(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    line.chars().count() <= COUNTER_MAX_CHARS && COUNTERS.iter().any(|one| line.starts_with(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_layout_adds_is_not_there() {
        fn check(html: &str, expected: &str) {
            let document = parsing::fragment(html);
            let element = document.root_element().child_elements().next().unwrap();
            assert_eq!(of(element), expected, "{html}");
        }
        check("<div>Яма <b>здесь</b><span class='news-views'>154</span></div>", "Яма здесь");
        check("<div><p>Яма</p><p>Просмотров: 154</p></div>", "Яма");
        check("<div>Яма<script>x()</script><button>Поделиться</button></div>", "Яма");
        check("<div class='views-row'>Яма</div>", "Яма");
        check(
            "<div><p>Просмотр фильма во дворе дома 5 перенесли на субботу из-за дождя</p></div>",
            "Просмотр фильма во дворе дома 5 перенесли на субботу из-за дождя",
        );
        check("<ul><li>раз<li>два</ul>", "раз\nдва");
    }
}
