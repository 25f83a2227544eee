//! What pages commonly say of themselves, so that many need no places: data
//! beside the page (JSON-LD), marked elements (microdata, hAtom), `<article>`,
//! OpenGraph. Of several ways the one that finds most is taken.

use std::collections::HashSet;

use scraper::ElementRef;
use url::Url;

use super::Reading;
use super::html;
use super::item::Draft;
use super::json_ld;
use super::places::Places;
use super::site::Site;
use super::site::found;
use crate::adapters::connector::error::PollError;
use crate::model::source::PageRules;
use crate::model::time::Timestamp;

/// A wrapper around so many items is the list and no item.
const LIST_MIN: usize = 2;

fn ways() -> [PageRules; 3] {
    let place = |text: &str| Some(text.to_owned());
    let microdata = PageRules {
        item: place(
            "[itemscope][itemtype*='Article'], [itemscope][itemtype*='Posting'], \
             [itemscope][itemtype*='Report']",
        ),
        title: place("[itemprop~='headline'], [itemprop~='name']"),
        text: place("[itemprop~='articleBody'], [itemprop~='description'], [itemprop~='text']"),
        date: place("[itemprop~='datePublished']"),
        ..PageRules::default()
    };
    let h_atom = PageRules {
        item: place(".h-entry, .hentry"),
        title: place(".p-name, .entry-title, h1, h2, h3"),
        text: place(".e-content, .entry-content, .p-summary, .entry-summary"),
        date: place(".dt-published, .published, time"),
        ..PageRules::default()
    };
    let article = PageRules {
        item: place("article"),
        title: place("h1, h2, h3, h4, [class*='title']"),
        text: place("p"),
        ..PageRules::default()
    };
    [microdata, h_atom, article]
}

/// The items of a page whose source names no places.
pub fn drafts(
    reading: &Reading<'_>,
    site: &Site<'_>,
    root: ElementRef<'_>,
) -> Result<Vec<Draft>, PollError> {
    let mut most = json_ld::drafts(site, root);
    reading.check_items(most.len())?;
    for rules in ways() {
        let found = marked(reading, site, root, &rules)?;
        if most.len() < found.len() {
            most = found;
        }
    }
    if let [alone] = most.as_mut_slice()
        && found(root, "article h1, [itemscope] h1, .hentry h1").is_some()
    {
        // A page under its own heading: its address is the item's.
        alone.link = alone.link.take().or_else(|| own_address(site, root));
    }
    Ok(if most.is_empty() { open_graph(site, root).into_iter().collect() } else { most })
}

fn own_address(site: &Site<'_>, root: ElementRef<'_>) -> Option<Url> {
    found(root, "link[rel='canonical']@href")
        .and_then(|link| site.link(&link))
        .or_else(|| site.link(""))
}

fn marked(
    reading: &Reading<'_>,
    site: &Site<'_>,
    root: ElementRef<'_>,
    rules: &PageRules,
) -> Result<Vec<Draft>, PollError> {
    let Ok(places @ Places { item: Some(_), .. }) = Places::of(rules) else {
        return Ok(Vec::new());
    };
    let items = places.item.as_ref().map(|item| item.elements(root)).unwrap_or_default();
    reading.check_items(items.len())?;
    html::check_apart(&items)?;
    let drafts = single(items).into_iter().map(|one| {
        let mut draft = Draft::of(&places, site, one);
        // Microdata keep values in attributes of elements that show nothing.
        let hidden = found(one, "[itemprop~='datePublished'][content]@content");
        draft.dates.splice(0..0, hidden);
        draft.dates.extend(found(one, "time[datetime]@datetime"));
        draft.dates.extend(found(one, "[class*='date']"));
        draft.edited = found(one, "[itemprop~='dateModified'][content]@content")
            .or_else(|| found(one, "[itemprop~='dateModified'][datetime]@datetime"));
        draft.author =
            found(one, "[itemprop~='author']").or_else(|| found(one, ".p-author, .vcard"));
        let own = [
            "[itemprop~='url'][href]@href",
            "a[rel~='bookmark']@href",
            ".u-url@href",
            "h1 a, h2 a, h3 a, h4 a@href",
        ];
        let link = own.iter().find_map(|place| site.link(&found(one, place)?));
        draft.link = link.or(draft.link);
        draft
    });
    Ok(drafts.filter(|draft| draft.title.is_some() || draft.text.is_some()).collect())
}

/// Items that lie inside each other: a list is none, and a part of an item is
/// not one of its own.
fn single(items: Vec<ElementRef<'_>>) -> Vec<ElementRef<'_>> {
    let ids: HashSet<_> = items.iter().map(|item| item.id()).collect();
    let inside = |item: &ElementRef<'_>| {
        item.descendants().skip(1).filter(|node| ids.contains(&node.id())).count()
    };
    let lists: HashSet<_> =
        items.iter().filter(|item| LIST_MIN <= inside(item)).map(|item| item.id()).collect();
    let is_part = |item: &ElementRef<'_>| {
        item.ancestors().any(|above| ids.contains(&above.id()) && !lists.contains(&above.id()))
    };
    items.into_iter().filter(|item| !lists.contains(&item.id()) && !is_part(item)).collect()
}

/// A page that is itself an article.
fn open_graph(site: &Site<'_>, root: ElementRef<'_>) -> Option<Draft> {
    let of = |name: &str| found(root, &format!("meta[property='{name}']@content"));
    let published = of("article:published_time");
    if published.is_none() && of("og:type").as_deref() != Some("article") {
        return None;
    }
    let link = of("og:url").and_then(|link| site.link(&link));
    Some(Draft {
        title: of("og:title"),
        text: of("og:description"),
        link: link.or_else(|| own_address(site, root)),
        dates: published.into_iter().collect(),
        edited: of("article:modified_time"),
        pictures: of("og:image").and_then(|image| site.link(&image)).into_iter().collect(),
        ..Draft::default()
    })
}

/// When an item's own page says that it was published.
pub fn published_at(site: &Site<'_>, root: ElementRef<'_>) -> Option<Timestamp> {
    let places = [
        "meta[property='article:published_time']@content",
        "[itemprop~='datePublished'][content]@content",
        "[itemprop~='datePublished'][datetime]@datetime",
        "article time[datetime]@datetime",
        "main time[datetime]@datetime",
    ];
    let said = places.into_iter().find_map(|place| site.instant(&found(root, place)?));
    said.or_else(|| {
        let drafts = json_ld::drafts(site, root);
        drafts.first()?.dates.iter().find_map(|date| site.instant(date))
    })
}
