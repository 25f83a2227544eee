//! Which posts of a whole network a region wants: those in its language that
//! name one of its places. Knows nothing of topics: a post about a place of
//! the region may be read; a post about anything else need not be stored.

use crate::model::post::Post;
use crate::model::region::Region;
use crate::rules::places::Gazetteer;
use crate::rules::text::stem::StemMemo;
use crate::rules::text::tokens;

/// A street that every town has, or a word that is also a village's name, is
/// no sign of the region.
const CERTAIN: f64 = 0.5;

pub struct Interest {
    gazetteer: Gazetteer,
    memo: StemMemo,
    lang: String,
}

impl Interest {
    pub fn new(region: &Region, lang: &str) -> Interest {
        let (gazetteer, memo) = (Gazetteer::new(region), StemMemo::new());
        Interest { gazetteer, memo, lang: lang.to_lowercase() }
    }

    pub fn wants(&mut self, post: &Post) -> bool {
        self.is_in_language(post) && self.names_a_place(&post.text)
    }

    /// `ru` and `ru-RU` are one; a post that does not say may be of any.
    fn is_in_language(&self, post: &Post) -> bool {
        let said = post.lang.as_ref().map(|lang| lang.to_lowercase());
        said.is_none_or(|said| said.split('-').next() == Some(&self.lang))
    }

    fn names_a_place(&mut self, text: &str) -> bool {
        let tokens = tokens::tokenise(text);
        let places = self.gazetteer.places(&mut self.memo, text, &tokens, None);
        places.iter().any(|place| CERTAIN <= place.certainty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::post::{Network, PostKey};
    use crate::model::time::Timestamp;

    #[test]
    fn a_place_of_the_region_is_wanted() {
        let mut interest = Interest::new(&crate::rules::places::tests::region(), "ru");
        let mut check = |lang: Option<&str>, text: &str, expected: bool| {
            let key = PostKey { network: Network("bluesky".to_owned()), native_id: "1".to_owned() };
            let mut post = Post::of_text(key, text.to_owned(), Timestamp::UNIX_EPOCH);
            post.lang = lang.map(str::to_owned);
            assert_eq!(interest.wants(&post), expected, "{text}");
        };
        check(Some("ru"), "В Вологде на Гоголя яма", true);
        check(Some("ru-RU"), "Череповец, нет воды", true);
        check(None, "В Вологде яма", true);
        check(Some("en"), "Vologda, Вологда", false);
        check(Some("ru"), "В Самаре на улице Ленина яма", false);
        check(Some("ru"), "Просто хорошее утро", false);
        check(Some("ru"), "", false);
    }
}
