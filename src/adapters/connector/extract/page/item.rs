//! One item of a page: what was found of it, and the post that it makes.

use scraper::ElementRef;
use url::Url;

use super::Reading;
use super::html;
use super::identity;
use super::places::Places;
use super::site::Site;
use super::site::found;
use super::words;
use crate::adapters::connector::conversion::media_kind;
use crate::model::post::Media;
use crate::model::post::Network;
use crate::model::post::Post;
use crate::model::post::PostKey;

/// Pictures of one item; more are a gallery, or a mistake.
const PICTURES_MAX: usize = 10;
/// Smaller ones are signs and counters.
const PICTURE_MIN_PIXELS: u32 = 64;

/// What was found of an item, as it stands there.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub title: Option<String>,
    pub text: Option<String>,
    pub link: Option<Url>,
    /// Whatever may be a date, the most telling first.
    pub dates: Vec<String>,
    pub edited: Option<String>,
    pub author: Option<String>,
    pub id: Option<String>,
    pub pictures: Vec<Url>,
    /// The item itself, for whoever looks why it could not be read; of one
    /// with words nobody asks.
    pub markup: String,
}

impl Draft {
    /// An item by the places that are named, and by common sense for those
    /// that are not.
    pub fn of(places: &Places, site: &Site<'_>, item: ElementRef<'_>) -> Draft {
        let title = places.title.as_ref().and_then(|place| place.first(item, &[]));
        let title = title.map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
        let text = match &places.text {
            Some(place) => place.all(item),
            None if title.is_none() => Some(words::of(item)),
            None => None,
        };
        let link = match &places.link {
            Some(place) => place.first(item, &["href"]),
            None => item.value().attr("href").map(str::to_owned).or_else(|| found(item, "a@href")),
        };
        let dates = match &places.date {
            Some(place) => place
                .elements(item)
                .into_iter()
                .flat_map(|one| [place.value(one, &["datetime"]), place.value(one, &[])])
                .flatten()
                .collect(),
            None => ["time[datetime]@datetime", "time", "[class*='date']"]
                .into_iter()
                .filter_map(|place| found(item, place))
                .collect(),
        };
        let id = places.id.as_ref().and_then(|place| place.first(item, &[]));
        let says = |words: &Option<String>| words.as_ref().is_some_and(|words| !words.is_empty());
        let markup = match says(&title) || says(&text) {
            true => String::new(),
            false => html::kept_markup(item),
        };
        Draft {
            title,
            text: text.filter(|text| !text.is_empty()),
            link: link.and_then(|link| site.link(&link)),
            dates,
            id,
            pictures: pictures(site, item),
            markup,
            ..Draft::default()
        }
    }

    /// The post of it, and whether its date is its own.
    pub fn post(&self, reading: &Reading<'_>, site: &Site<'_>) -> Result<(Post, bool), String> {
        let title = self.title.as_deref().unwrap_or("");
        let text = joined(title, self.text.as_deref().unwrap_or(""));
        if text.is_empty() {
            return Err("text: neither a title nor words are found".to_owned());
        }
        let native_id = match (&self.id, &self.link) {
            (Some(id), _) => format!("{}#{id}", site.host()),
            (None, Some(link)) => identity::of_address(link),
            (None, None) => identity::of_words(&site.host(), &text),
        };
        let claimed = self.dates.iter().find_map(|date| site.instant(date));
        let network: Network = reading.definition.network.clone();
        let of_text =
            Post::of_text(PostKey { network, native_id }, text, claimed.unwrap_or(site.now));
        let edited = self.edited.as_deref().and_then(|edited| site.instant(edited));
        let post = Post {
            url: self.link.as_ref().map(Url::to_string),
            author_name: self.author.clone(),
            community: site.name(),
            edited_at: edited.filter(|edited| claimed.is_some_and(|claimed| claimed < *edited)),
            media: self.pictures.iter().map(picture).collect(),
            ..of_text
        };
        Ok((post, claimed.is_some()))
    }
}

/// A title and a text that may begin with it.
pub fn joined(title: &str, text: &str) -> String {
    let (title, text) = (title.trim(), text.trim());
    if title.is_empty() || text.starts_with(title) {
        return text.to_owned();
    }
    if text.is_empty() { title.to_owned() } else { format!("{title}\n\n{text}") }
}

fn picture(url: &Url) -> Media {
    let kind = media_kind(Some("image/*"), url.as_str()).to_owned();
    Media { kind, url: Some(url.to_string()) }
}

/// The pictures of the site itself: others are counters and advertisements.
fn pictures(site: &Site<'_>, item: ElementRef<'_>) -> Vec<Url> {
    let Ok(images) = scraper::Selector::parse("img") else { return Vec::new() };
    let is_small = |image: &ElementRef<'_>| {
        let pixels = ["width", "height"].iter().filter_map(|name| image.value().attr(name));
        pixels.filter_map(|text| text.parse().ok()).any(|pixels: u32| pixels < PICTURE_MIN_PIXELS)
    };
    let large = item.select(&images).filter(|image| !is_small(image));
    let address = |image: ElementRef<'_>| {
        let names = ["data-src", "data-original", "src"];
        let link = names.iter().find_map(|name| image.value().attr(name))?;
        site.link(link).filter(|url| site.is_here(url) && !url.path().ends_with(".svg"))
    };
    let mut found: Vec<Url> = large.filter_map(address).collect();
    found.dedup();
    found.truncate(PICTURES_MAX);
    found
}
