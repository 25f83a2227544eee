//! Makes a feed's text fit for an XML reader without changing what it says:
//! prolog and junk before the root go, HTML entities that nobody declared
//! become numbers, entity declarations are refused. Knows no feed format.

use crate::adapters::connector::markup;

/// Behind its `&` a reference has ended by then, or it is none.
const REFERENCE_MAX_BYTES: usize = 34;

/// What a look at the markup showed.
#[derive(Debug, PartialEq, Eq)]
pub struct Cleaned {
    pub text: String,
    /// How deep elements are nested, as far as it can be counted.
    pub depth: usize,
}

/// `Err` says what the text tried that we do not do.
pub fn clean(text: &str) -> Result<Cleaned, &'static str> {
    let start = text.find('<').unwrap_or(0);
    let mut cleaner = Cleaner { out: String::with_capacity(text.len()), depth: 0, deepest: 0 };
    let mut rest = &text[start..];
    while !rest.is_empty() {
        rest = cleaner.step(rest)?;
    }
    Ok(Cleaned { text: cleaner.out, depth: cleaner.deepest })
}

struct Cleaner {
    out: String,
    depth: usize,
    deepest: usize,
}

impl Cleaner {
    fn step<'a>(&mut self, rest: &'a str) -> Result<&'a str, &'static str> {
        if let Some(after) = rest.strip_prefix("<![CDATA[") {
            let (inside, after) = after.split_once("]]>").unwrap_or((after, ""));
            self.out.push_str("<![CDATA[");
            self.out.extend(inside.chars().filter(|c| is_xml_character(*c)));
            self.out.push_str("]]>");
            return Ok(after);
        }
        if rest.starts_with("<!--") {
            return Ok(rest.split_once("-->").map_or("", |(_, after)| after));
        }
        if rest.starts_with("<?") {
            return Ok(rest.split_once("?>").map_or("", |(_, after)| after));
        }
        if rest.starts_with("<!") {
            return doctype(rest);
        }
        if rest.starts_with('<') {
            return Ok(self.tag(rest));
        }
        let end = rest.find('<').unwrap_or(rest.len());
        self.text(&rest[..end]);
        Ok(&rest[end..])
    }

    fn tag<'a>(&mut self, rest: &'a str) -> &'a str {
        let end = tag_end(rest);
        let tag = &rest[..end];
        if tag.starts_with("</") {
            self.depth = self.depth.saturating_sub(1);
        } else if !tag.ends_with("/>") {
            self.depth += 1;
            self.deepest = self.deepest.max(self.depth);
        }
        self.text(tag);
        &rest[end..]
    }

    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            self.plain(&rest[..at]);
            rest = self.reference(&rest[at..]);
        }
        self.plain(rest);
    }

    fn plain(&mut self, text: &str) {
        self.out.extend(text.chars().filter(|c| is_xml_character(*c)));
    }

    /// Takes one `&` and what belongs to it.
    fn reference<'a>(&mut self, rest: &'a str) -> &'a str {
        let mut near = rest.as_bytes()[1..].iter().take(REFERENCE_MAX_BYTES);
        let end = near.position(|byte| *byte == b';');
        let body = end.map(|end| &rest[1..=end]).filter(|body| {
            let name = body.strip_prefix('#').unwrap_or(body);
            !name.is_empty() && name.len() < 32 && name.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        let Some(body) = body else {
            self.out.push_str("&amp;");
            return &rest[1..];
        };
        let whole = &rest[..body.len() + 2];
        if matches!(body, "amp" | "lt" | "gt" | "quot" | "apos") {
            self.out.push_str(whole);
            return &rest[whole.len()..];
        }
        let decoded = markup::decode_entities(whole);
        if decoded == whole {
            self.out.push_str("&amp;");
            return &rest[1..];
        }
        for character in decoded.chars().filter(|c| is_xml_character(*c)) {
            self.out.push_str(&format!("&#{};", u32::from(character)));
        }
        &rest[whole.len()..]
    }
}

/// Takes away elements of that name that hold nothing: the reader of feeds
/// gives up a whole item where it was promised a text.
pub fn without_empty(text: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(&open) {
        let (before, element) = rest.split_at(at);
        let end = tag_end(element);
        let is_closed = element[..end].ends_with("/>");
        // Only what follows at once is looked at: the end may be far, or nowhere.
        let after = element[end..].trim_start().strip_prefix(close.as_str());
        out.push_str(before);
        rest = match after {
            _ if is_closed => &element[end..],
            Some(after) => after,
            None => {
                out.push_str(&element[..end]);
                &element[end..]
            }
        };
    }
    out + rest
}

/// A DOCTYPE without declarations is old fashion; with them it is an attack.
fn doctype(rest: &str) -> Result<&str, &'static str> {
    let end = rest.find('>').map_or(rest.len(), |at| at + 1);
    let head = &rest[..end];
    if head.contains('[') || head.to_ascii_uppercase().starts_with("<!ENTITY") {
        return Err("declares entities of its own");
    }
    Ok(&rest[end..])
}

/// Where the tag at the start ends; `>` inside quotes does not count.
fn tag_end(rest: &str) -> usize {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b'>', None) => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::growth;

    #[test]
    fn text_is_made_fit_for_a_reader() {
        fn check(text: &str, expected: &str) {
            assert_eq!(clean(text).unwrap().text, expected, "{text}");
        }
        check("  \n<?xml version=\"1.0\"?>\n<a>б</a>", "\n<a>б</a>");
        check("<!-- до --><?xml?><a>б</a>", "<a>б</a>");
        check("<a>&laquo;Яма&raquo;&nbsp;&amp; &lt;</a>", "<a>&#171;Яма&#187;&#160;&amp; &lt;</a>");
        check("<a>ТЦ «М&М» & ко</a>", "<a>ТЦ «М&amp;М» &amp; ко</a>");
        check("<a href=\"?a=1&b=2\">&нет;</a>", "<a href=\"?a=1&amp;b=2\">&amp;нет;</a>");
        check("<a><![CDATA[&nbsp;<b>]]></a>", "<a><![CDATA[&nbsp;<b>]]></a>");
        check("<a>\u{1}б\u{8}</a>", "<a>б</a>");
        check("<!DOCTYPE rss PUBLIC \"-//x\" \"http://x/rss.dtd\"><rss/>", "<rss/>");
        check("<a b=\"1 > 0\">в</a>", "<a b=\"1 > 0\">в</a>");
    }

    #[test]
    fn elements_without_words_go() {
        fn check(text: &str, expected: &str) {
            assert_eq!(without_empty(text, "m:d"), expected, "{text}");
        }
        check("<a><m:d/>б</a>", "<a>б</a>");
        check("<a><m:d type=\"plain\" />б</a>", "<a>б</a>");
        check("<a><m:d>\n </m:d>б<m:d></m:d></a>", "<a>б</a>");
        check("<m:d>в</m:d><m:d></m:d>", "<m:d>в</m:d>");
        check("<m:d>оборвано", "<m:d>оборвано");
        check("<a>б</a>", "<a>б</a>");
    }

    #[test]
    fn megabytes_of_beginnings_cost_little() {
        fn check(piece: &str, work: impl Fn(&str)) {
            let ratio = growth::ratio(|times| work(&piece.repeat(times)), 20_000);
            assert!(ratio < 9.0, "{piece}: four times as much takes {ratio} times as long");
        }
        check("&", |text| drop(clean(text)));
        check("&amp", |text| drop(clean(text)));
        check("<media:title>", |text| drop(without_empty(text, "media:title")));
        check("<media:title>x", |text| {
            drop(without_empty(&format!("{text}</media:title>"), "media:title"))
        });
        check("<!--", |text| drop(clean(text)));
    }

    #[test]
    fn declared_entities_are_refused() {
        assert!(clean("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>").is_err());
        assert!(clean("<!DOCTYPE a [\n<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a/>").is_err());
    }

    #[test]
    fn depth_is_counted() {
        assert_eq!(clean("<a><b><c/></b><b>x</b></a>").unwrap().depth, 2);
        let deep = format!("{}x", "<a>".repeat(500));
        assert_eq!(clean(&deep).unwrap().depth, 500);
    }
}
