//! The places that a source names on its page, compiled: `selector` gives the
//! words of an element, `selector@attribute` the attribute. Knows nothing of
//! what is done with what they find.

use std::collections::HashSet;

use scraper::ElementRef;
use scraper::Selector;

use super::words;
use crate::model::source::PageRules;

/// A place on a page.
#[derive(Debug, Clone)]
pub struct Place {
    /// Absent: the item itself.
    selector: Option<Selector>,
    attribute: Option<String>,
}

/// A key of the rules whose place cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongPlace {
    pub key: &'static str,
    pub place: String,
    pub message: String,
}

/// The rules of a source, ready to be looked up.
#[derive(Debug, Clone, Default)]
pub struct Places {
    pub item: Option<Place>,
    pub title: Option<Place>,
    pub text: Option<Place>,
    pub link: Option<Place>,
    pub date: Option<Place>,
    pub id: Option<Place>,
    pub next: Option<Place>,
    pub full: Option<Place>,
}

impl Places {
    /// Compiles rules, or says everything that is wrong with them.
    pub fn of(rules: &PageRules) -> Result<Places, Vec<WrongPlace>> {
        let mut wrong = Vec::new();
        let mut place = |key: &'static str, text: &Option<String>| {
            let text = text.as_ref()?;
            let parsed = Place::parse(text);
            let failed = |message| wrong.push(WrongPlace { key, place: text.clone(), message });
            parsed.map_err(failed).ok()
        };
        let places = Places {
            item: place("item", &rules.item),
            title: place("title", &rules.title),
            text: place("text", &rules.text),
            link: place("link", &rules.link),
            date: place("date", &rules.date),
            id: place("id", &rules.id),
            next: place("next", &rules.next),
            full: place("full", &rules.full),
        };
        let of_items = [
            ("title", &rules.title),
            ("text", &rules.text),
            ("link", &rules.link),
            ("date", &rules.date),
            ("id", &rules.id),
        ];
        if rules.item.is_none() {
            wrong.extend(of_items.into_iter().filter_map(|(key, text)| {
                let message = "needs «item»: it is looked up inside of one".to_owned();
                Some(WrongPlace { key, place: text.clone()?, message })
            }));
        }
        if wrong.is_empty() { Ok(places) } else { Err(wrong) }
    }
}

impl Place {
    pub fn parse(text: &str) -> Result<Place, String> {
        // An `@` inside brackets or quotes is the selector's own.
        let (selector, attribute) = match text.rsplit_once('@') {
            Some((selector, name)) if is_attribute(name) => (selector, Some(name.to_owned())),
            Some(_) | None => (text, None),
        };
        let selector = match selector.trim() {
            "" if attribute.is_none() => return Err("is empty".to_owned()),
            "" => None,
            selector => {
                Some(Selector::parse(selector).map_err(|error| format!("bad selector: {error}"))?)
            }
        };
        Ok(Place { selector, attribute })
    }

    /// What is found in an element, itself included.
    pub fn elements<'a>(&self, within: ElementRef<'a>) -> Vec<ElementRef<'a>> {
        let Some(selector) = &self.selector else { return vec![within] };
        let itself = selector.matches(&within).then_some(within);
        itself.into_iter().chain(within.select(selector)).collect()
    }

    /// The value at an element: the attribute that is named, else the first of
    /// these that is there, else the words.
    pub fn value(&self, of: ElementRef<'_>, otherwise: &[&str]) -> Option<String> {
        let attribute = |name: &str| of.value().attr(name).map(|value| value.trim().to_owned());
        let found = match &self.attribute {
            Some(name) => attribute(name),
            None => {
                otherwise.iter().find_map(|name| attribute(name)).or_else(|| Some(words::of(of)))
            }
        };
        found.filter(|found| !found.is_empty())
    }

    /// The first value that is there.
    pub fn first(&self, within: ElementRef<'_>, otherwise: &[&str]) -> Option<String> {
        self.elements(within).into_iter().find_map(|found| self.value(found, otherwise))
    }

    /// All values, as paragraphs; what lies in another one is not said twice.
    pub fn all(&self, within: ElementRef<'_>) -> Option<String> {
        let found = self.elements(within);
        let ids: HashSet<_> = found.iter().map(|one| one.id()).collect();
        let is_inside =
            |one: &ElementRef<'_>| one.ancestors().any(|above| ids.contains(&above.id()));
        let values = found.iter().filter(|one| !is_inside(one));
        let values: Vec<String> = values.filter_map(|one| self.value(*one, &[])).collect();
        (!values.is_empty()).then(|| values.join("\n"))
    }
}

fn is_attribute(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_places_are_named() {
        let rules = PageRules {
            item: Some("li:::".to_owned()),
            date: Some("time@datetime".to_owned()),
            link: Some(String::new()),
            ..PageRules::default()
        };
        let wrong = Places::of(&rules).unwrap_err();
        let keys: Vec<&str> = wrong.iter().map(|one| one.key).collect();
        assert_eq!(keys, ["item", "link"]);
        let rules = PageRules { item: None, ..rules };
        let keys: Vec<&str> = Places::of(&rules).unwrap_err().iter().map(|one| one.key).collect();
        assert_eq!(keys, ["link", "link", "date"]);
    }

    #[test]
    fn an_attribute_stands_at_the_end() {
        fn check(text: &str, html: &str, expected: &str) {
            let document = scraper::Html::parse_fragment(html);
            let place = Place::parse(text).unwrap();
            let got = place.first(document.root_element(), &[]);
            assert_eq!(got.as_deref(), Some(expected), "{text}");
        }
        check("a@href", r#"<a href="/1">x</a>"#, "/1");
        check("a", r#"<a href="/1"> x  y </a>"#, "x y");
        check("a[title='x@y']", r#"<a title="x@y">z</a>"#, "z");
        check("a[title='x@y']@data-id", r#"<a title="x@y" data-id="7">z</a>"#, "7");
    }
}
