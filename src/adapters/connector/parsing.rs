//! Parses HTML piece by piece, looking at what grows: a page that nests without
//! end makes the parser walk over its whole stack for every element, and one
//! that leaves its emphasis open makes it copy that into every paragraph.
//! Knows no network and no form of pages.

use html5ever::driver::{self, Parser};
use html5ever::serialize::{SerializeOpts, TraversalScope};
use html5ever::tendril::{StrTendril, TendrilSink as _};
use scraper::ElementRef;
use scraper::Html;
use scraper::HtmlTreeSink;

/// What is parsed between two looks.
const PIECE_BYTES: usize = 2_048;
/// Nodes that every document has, and that tables come by beside their bytes.
const NODES_FREE: usize = 64;
/// Deeper markup says nothing about the words in it.
const FRAGMENT_DEPTH_MAX: usize = 512;

/// What is wrong with a page that must not be parsed to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hostile {
    /// Nested so deep, and further.
    Deep(usize),
    /// It makes more of itself than there is in it.
    Growing,
}

/// A whole page whose elements are not nested deeper than that.
pub fn document(text: &str, depth_max: usize) -> Result<Html, Hostile> {
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = driver::parse_document(sink, Default::default());
    feed(&mut parser, text, depth_max)?;
    Ok(parser.finish())
}

/// A piece of HTML as it stands in a text; of a hostile one the words without
/// its markup.
pub fn fragment(text: &str) -> Html {
    let mut parser = fragment_parser();
    match feed(&mut parser, text, FRAGMENT_DEPTH_MAX) {
        Ok(()) => parser.finish(),
        Err(Hostile::Deep(_) | Hostile::Growing) => fragment_parser().one(without_tags(text)),
    }
}

fn fragment_parser() -> Parser<HtmlTreeSink> {
    let sink = HtmlTreeSink::new(Html::new_fragment());
    let name = html5ever::QualName::new(None, html5ever::ns!(html), html5ever::local_name!("body"));
    driver::parse_fragment(sink, Default::default(), name, Vec::new(), false)
}

fn without_tags(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    words + rest
}

fn feed(parser: &mut Parser<HtmlTreeSink>, text: &str, depth_max: usize) -> Result<(), Hostile> {
    let mut fed = 0;
    while fed < text.len() {
        let end = text.floor_char_boundary(fed + PIECE_BYTES);
        parser.process(StrTendril::from_slice(&text[fed..end]));
        fed = end;
        let html = parser.tokenizer.sink.sink.0.borrow();
        let mut nodes = html.tree.nodes();
        if NODES_FREE + fed < nodes.len() {
            return Err(Hostile::Growing);
        }
        let deep = nodes.next_back().map_or(0, |last| last.ancestors().count());
        if depth_max < deep {
            return Err(Hostile::Deep(deep));
        }
    }
    Ok(())
}

/// The beginning of an element's markup: of what lies in each other no more is
/// written than is kept.
pub fn markup_of(element: ElementRef<'_>, bytes_max: usize) -> String {
    let mut written = Beginning { bytes: Vec::new(), room: bytes_max };
    let options = SerializeOpts {
        scripting_enabled: false,
        traversal_scope: TraversalScope::IncludeNode,
        create_missing_parent: false,
    };
    // The only failure is that there is no room, and then enough is written.
    let _ = html5ever::serialize(&mut written, &element, options);
    String::from_utf8_lossy(&written.bytes).into_owned()
}

/// Takes so many bytes and then no more.
struct Beginning {
    bytes: Vec<u8>,
    room: usize,
}

impl std::io::Write for Beginning {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        if self.room == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let taken = piece.len().min(self.room);
        self.bytes.extend_from_slice(&piece[..taken]);
        self.room -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(html: &Html) -> String {
        html.root_element().text().collect()
    }

    #[test]
    fn pieces_are_the_whole() {
        let text = format!("<p class=a>{}</p><table><tr><td>ё</table>", "яма & лёд ".repeat(2_000));
        assert_eq!(document(&text, 64), Ok(Html::parse_document(&text)));
        assert_eq!(fragment(&text), Html::parse_fragment(&text));
        let cells = "<table>".to_owned() + &"<tr><td><p><b>x</b>".repeat(5_000);
        assert_eq!(document(&cells, 64), Ok(Html::parse_document(&cells)));
        assert_eq!(fragment(""), Html::parse_fragment(""));
    }

    #[test]
    fn pages_without_end_are_left() {
        for deep in ["<div>", "<span>", "<ul><li>"] {
            let many = deep.repeat(1_000_000 / deep.len());
            assert!(document(&many, 256).is_err(), "{deep}");
            assert!(fragment(&many).tree.nodes().len() < 10_000, "{deep}");
        }
        let open: String = (0..200).map(|one| format!("<b id={one}>")).collect();
        let copied = format!("<p>{open}</p>{}", "<p>x</p>".repeat(100_000));
        assert_eq!(document(&copied, 256), Err(Hostile::Growing));
        let deep = fragment(&format!("яма{}&amp; лёд", "<div>".repeat(9_000)));
        assert_eq!(words(&deep).split_whitespace().collect::<Vec<_>>(), ["яма", "&", "лёд"]);
    }

    #[test]
    fn no_more_markup_is_written_than_is_kept() {
        let html = fragment(&"<p>5</p>".repeat(1_000));
        let whole = markup_of(html.root_element(), usize::MAX);
        assert_eq!(whole, html.root_element().html());
        assert_eq!(markup_of(html.root_element(), 100).len(), 100);
    }
}
