//! News as sites write them for search engines, in JSON beside the page.

use scraper::ElementRef;
use scraper::Selector;
use serde_json::Value;

use super::item::Draft;
use super::site::Site;
use crate::adapters::connector::markup;

/// Lists in lists of lists are a mistake.
const DEPTH_MAX: usize = 6;

/// The articles that the page's scripts describe.
pub fn drafts(site: &Site<'_>, root: ElementRef<'_>) -> Vec<Draft> {
    let Ok(scripts) = Selector::parse("script[type='application/ld+json']") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for script in root.select(&scripts) {
        let text: String = script.text().collect();
        if let Ok(value) = serde_json::from_str(&text) {
            collect(&value, DEPTH_MAX, &mut found);
        }
    }
    found.iter().filter_map(|article| draft(site, article)).collect()
}

fn collect(value: &Value, depth: usize, found: &mut Vec<Value>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Array(list) => list.iter().for_each(|one| collect(one, depth, found)),
        Value::Object(map) if is_article(map.get("@type")) => found.push(value.clone()),
        Value::Object(map) => {
            for key in ["@graph", "itemListElement", "item", "mainEntity", "blogPost", "hasPart"] {
                map.get(key).into_iter().for_each(|one| collect(one, depth, found));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_article(kind: Option<&Value>) -> bool {
    let is_one =
        |name: &str| name.ends_with("Article") || name.ends_with("Posting") || name == "Report";
    match kind {
        Some(Value::String(name)) => is_one(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(is_one),
        _ => false,
    }
}

fn draft(site: &Site<'_>, article: &Value) -> Option<Draft> {
    let words = |names: &[&str]| {
        let text = names.iter().find_map(|name| text_of(article.get(name)?))?;
        Some(markup::html_to_text(&text)).filter(|text| !text.is_empty())
    };
    let title = words(&["headline", "name"]);
    let text = words(&["articleBody", "text", "description", "abstract"]);
    if title.is_none() && text.is_none() {
        return None;
    }
    let link = ["url", "mainEntityOfPage", "@id"].into_iter();
    let link =
        link.filter_map(|name| text_of(article.get(name)?)).find_map(|link| site.link(&link));
    let picture = article.get("image").and_then(text_of).and_then(|image| site.link(&image));
    Some(Draft {
        title,
        text,
        link,
        dates: ["datePublished", "dateCreated"]
            .into_iter()
            .filter_map(|name| text_of(article.get(name)?))
            .collect(),
        edited: article.get("dateModified").and_then(text_of),
        author: article.get("author").and_then(text_of),
        id: None,
        pictures: picture.into_iter().collect(),
        markup: article.to_string(),
    })
}

/// A text, or what a thing with a name or an address is called.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Array(list) => list.iter().find_map(text_of),
        Value::Object(map) => ["name", "url", "@id"]
            .into_iter()
            .find_map(|key| map.get(key)?.as_str())
            .map(str::to_owned),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
