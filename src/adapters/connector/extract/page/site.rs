//! A page as a whole: where it stands, what its links are relative to, what
//! comes after it, whether there is anything on it at all.

use std::sync::LazyLock;

use jiff::tz::TimeZone;
use scraper::ElementRef;
use scraper::Html;
use scraper::Selector;
use url::Url;

use super::Reading;
use super::identity;
use super::places::Place;
use super::words;
use crate::adapters::connector::conversion::ASSUMED_ZONE;
use crate::adapters::connector::conversion::civil;
use crate::model::time::Timestamp;

/// So much text outside of menus is more than «nothing here yet» …
const FULL_MIN_CHARS: usize = 600;
/// … and so are links that read like headlines.
const HEADLINE_MIN_CHARS: usize = 20;
const HEADLINES_MIN: usize = 5;

pub struct Site<'a> {
    root: ElementRef<'a>,
    /// What relative links are relative to.
    base: Option<Url>,
    zone: TimeZone,
    pub now: Timestamp,
}

impl<'a> Site<'a> {
    pub fn of(document: &'a Html, reading: &Reading<'_>) -> Site<'a> {
        let root = document.root_element();
        let asked = &reading.asked;
        let address = asked.address.cloned();
        let address = address.or_else(|| Url::parse(asked.target?).ok());
        let own = || {
            let places = ["link[rel='canonical']@href", "meta[property='og:url']@content"];
            places.into_iter().find_map(|place| Url::parse(&found(root, place)?).ok())
        };
        let address = address.or_else(own);
        let base = match (found(root, "base[href]@href"), &address) {
            (Some(base), Some(address)) => address.join(&base).ok().or(Some(address.clone())),
            (Some(base), None) => Url::parse(&base).ok(),
            (None, address) => address.clone(),
        };
        let zone = asked.zone.and_then(|zone| TimeZone::get(zone).ok());
        let zone = zone.or_else(|| TimeZone::get(ASSUMED_ZONE).ok()).unwrap_or(TimeZone::UTC);
        Site { root, base, zone, now: reading.now }
    }

    /// A link as an address that others may open.
    pub fn link(&self, text: &str) -> Option<Url> {
        let url = match &self.base {
            Some(base) => base.join(text.trim()).ok()?,
            None => Url::parse(text.trim()).ok()?,
        };
        matches!(url.scheme(), "http" | "https").then(|| identity::canonical(&url))
    }

    /// By which name the posts without addresses of their own are kept apart.
    pub fn host(&self) -> String {
        let host = self.base.as_ref().and_then(Url::host_str).unwrap_or("page");
        host.trim_start_matches("www.").to_owned()
    }

    pub fn is_here(&self, address: &Url) -> bool {
        self.base.as_ref().is_some_and(|base| base.host() == address.host())
    }

    /// A date as programs or people write it.
    pub fn instant(&self, text: &str) -> Option<Timestamp> {
        civil::any(text, &self.zone, self.now)
    }

    /// The feed that stands beside the page.
    pub fn feed(&self) -> Option<Url> {
        let places = [
            "link[rel~='alternate'][type='application/rss+xml']@href",
            "link[rel~='alternate'][type='application/atom+xml']@href",
        ];
        places.into_iter().find_map(|place| self.link(&found(self.root, place)?))
    }

    /// The address of the older page.
    pub fn next(&self, place: Option<&Place>) -> Option<String> {
        let given = match place {
            Some(place) => place.first(self.root, &["href"]),
            None => found(self.root, "link[rel~='next']@href")
                .or_else(|| found(self.root, "a[rel~='next']@href")),
        };
        let base = self.base.as_ref();
        let next = given.and_then(|given| base?.join(&given).ok());
        next.filter(|next| self.is_here(next)).map(|next| next.to_string())
    }

    pub fn name(&self) -> Option<String> {
        found(self.root, "meta[property='og:site_name']@content")
    }

    /// Whether there is more on the page than a frame.
    pub fn is_full(&self) -> bool {
        static MENUS: LazyLock<Option<Selector>> =
            LazyLock::new(|| Selector::parse("nav, header, footer, head").ok());
        static LINKS: LazyLock<Option<Selector>> =
            LazyLock::new(|| Selector::parse("a[href]").ok());
        let (Some(menus), Some(links)) = (MENUS.as_ref(), LINKS.as_ref()) else { return false };
        let is_menu = |element: &ElementRef<'_>| {
            let mut above = element.ancestors().filter_map(ElementRef::wrap);
            above.any(|above| menus.matches(&above))
        };
        let headlines = self.root.select(links).filter(|link| !is_menu(link));
        let long = |text: String| HEADLINE_MIN_CHARS <= text.trim().chars().count();
        if HEADLINES_MIN <= headlines.filter(|link| long(link.text().collect())).count() {
            return true;
        }
        let whole = words::of(self.root).chars().count();
        let framed: usize = self
            .root
            .select(menus)
            .filter(|menu| !is_menu(menu))
            .map(|menu| words::of(menu).chars().count())
            .sum();
        FULL_MIN_CHARS <= whole.saturating_sub(framed)
    }
}

/// The value at a place of our own.
pub fn found(root: ElementRef<'_>, place: &str) -> Option<String> {
    Place::parse(place).ok()?.first(root, &[])
}
