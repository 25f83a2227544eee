//! Turns the networks' markup into plain text: HTML, entities, mentions.
//! Paragraphs become `\n`, entities are decoded once. Knows no network except
//! where a named rule says so.

use scraper::ElementRef;
use scraper::Node;

use super::parsing;

/// Elements after and before which a line ends.
const BLOCKS: [&str; 24] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

/// Elements whose text nobody reads.
const SILENT: [&str; 6] = ["script", "style", "template", "head", "noscript", "iframe"];

/// The words of an HTML text.
pub fn html_to_text(html: &str) -> String {
    element_text(parsing::fragment(html).root_element())
}

/// The words of an HTML text in which plain line breaks count as well: where a
/// network promises HTML and sends a plain text, nothing runs together.
pub fn html_lines(html: &str) -> String {
    let lines: Vec<&str> = html.lines().map(str::trim_end).collect();
    let broken = |line: &&str| line.ends_with("<br>") || line.ends_with("<br />");
    let mut marked = String::with_capacity(html.len() + lines.len() * 4);
    for (index, line) in lines.iter().enumerate() {
        marked.push_str(line);
        if index + 1 < lines.len() && !broken(line) {
            marked.push_str("<br>");
        }
    }
    html_to_text(&marked)
}

/// The words of an element, as a browser would show them. Walks without
/// recursion, so that deep nesting cannot exhaust the stack.
pub fn element_text(element: ElementRef<'_>) -> String {
    let mut writer = TextWriter::default();
    let root = element.id();
    let mut node = *element;
    loop {
        writer.open(node.value());
        if let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            writer.close(node.value());
            if node.id() == root {
                return writer.finish();
            }
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            match node.parent() {
                Some(parent) => node = parent,
                None => return writer.finish(),
            }
        }
    }
}

/// Collects text the way HTML flows: runs of white space are one space, and
/// none stands at a line's border.
#[derive(Default)]
struct TextWriter {
    text: String,
    space_pending: bool,
    border_pending: bool,
    silent_depth: usize,
    pre_depth: usize,
}

impl TextWriter {
    fn open(&mut self, node: &Node) {
        match node {
            Node::Text(text) if self.silent_depth == 0 && self.pre_depth > 0 => self.verbatim(text),
            Node::Text(text) if self.silent_depth == 0 => self.flow(text),
            Node::Element(tag) if tag.name() == "br" => self.line_break(),
            Node::Element(tag) => {
                self.silent_depth += usize::from(SILENT.contains(&tag.name()));
                self.pre_depth += usize::from(tag.name() == "pre");
                self.border_pending |= BLOCKS.contains(&tag.name());
            }
            _ => {}
        }
    }

    fn close(&mut self, node: &Node) {
        if let Node::Element(tag) = node {
            self.silent_depth -= usize::from(SILENT.contains(&tag.name()));
            self.pre_depth -= usize::from(tag.name() == "pre");
            self.border_pending |= BLOCKS.contains(&tag.name());
        }
    }

    fn flow(&mut self, text: &str) {
        for character in text.chars() {
            if character.is_ascii_whitespace() {
                self.space_pending = true;
            } else {
                self.before_character();
                self.text.push(character);
            }
        }
    }

    fn verbatim(&mut self, text: &str) {
        if !text.is_empty() {
            self.before_character();
            self.text.push_str(text);
        }
    }

    fn before_character(&mut self) {
        let at_border = self.text.is_empty() || self.text.ends_with('\n');
        if self.border_pending && !at_border {
            self.text.push('\n');
        } else if self.space_pending && !at_border {
            self.text.push(' ');
        }
        self.space_pending = false;
        self.border_pending = false;
    }

    fn line_break(&mut self) {
        if self.border_pending && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text.push('\n');
        self.space_pending = false;
        self.border_pending = false;
    }

    fn finish(self) -> String {
        tidy(&self.text)
    }
}

/// Takes away what no reader sees: carriage returns, white space at the ends
/// of the text, and the non-breaking kind of space.
pub fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\u{a0}', " ").trim().to_owned()
}

/// Decodes every entity once: `&amp;lt;` becomes `&lt;`, not `<`.
pub fn decode_entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    // With `<` hidden there are no tags left, and the HTML parser decodes
    // exactly the references that a browser would.
    let fragment = parsing::fragment(&text.replace('<', "&lt;"));
    fragment.root_element().text().collect()
}

/// Decodes numeric references that were left over (`&#33;`): Telegram encodes
/// some characters twice.
pub fn decode_numeric(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("&#") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match numeric_reference(rest) {
            Some((character, length)) => {
                out.push(character);
                rest = &rest[length..];
            }
            None => {
                out.push_str("&#");
                rest = &rest[2..];
            }
        }
    }
    out + rest
}

fn numeric_reference(text: &str) -> Option<(char, usize)> {
    let end = text.find(';').filter(|end| *end < 12)?;
    let digits = text.get(2..end)?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some((char::from_u32(code).filter(|c| !c.is_control() || *c == '\n')?, end + 1))
}

/// VKontakte's plain text: `<br>` of old payloads, entities, and
/// `[id1|Name]`, `[https://…|label]`, `[#alias|label|address]`.
pub fn vk_text(text: &str) -> String {
    let lines = text.replace("<br>", "\n").replace("<br/>", "\n").replace("<br />", "\n");
    tidy(&vk_mentions(&decode_entities(&lines)))
}

fn vk_mentions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match vk_mention(rest) {
            Some((shown, length)) => {
                out.push_str(shown);
                rest = &rest[length..];
            }
            None => {
                out.push('[');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// The shown words of a mention at the start of the text, and its length.
fn vk_mention(text: &str) -> Option<(&str, usize)> {
    let end = text.find(']')?;
    let mut parts = text[1..end].split('|');
    let (target, label) = (parts.next()?, parts.next()?);
    let is_target = !target.is_empty()
        && !target.contains(|c: char| c.is_whitespace() || c == '[')
        && target.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '#');
    if !is_target || label.trim().is_empty() {
        return None;
    }
    // A shortened label of an alias hides the address; the address is what was meant.
    let shown = parts.next().filter(|_| target == "#alias").unwrap_or(label);
    Some((shown, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_lines() {
        fn check(html: &str, expected: &str) {
            assert_eq!(html_to_text(html), expected, "{html}");
        }
        check("Яма<br/>и <b>лужа</b>", "Яма\nи лужа");
        check("Яма<br><br>Лужа", "Яма\n\nЛужа");
        check("<p>Яма</p><p>Лужа</p>", "Яма\nЛужа");
        check("<p>Яма</p>\n  <p>Лужа</p>\n", "Яма\nЛужа");
        check("  Яма\n    на   дороге ", "Яма на дороге");
        check("a&amp;lt;b&nbsp;&laquo;в&raquo;", "a&lt;b «в»");
        check("<i class=\"emoji\"><b>😡</b></i>Лёд", "😡Лёд");
        check("<ul><li>раз</li><li>два</li></ul>", "раз\nдва");
        check("<pre>a  b\n c</pre>", "a  b\n c");
        check("<script>x()</script>Снег<style>p{}</style>", "Снег");
        check("https://<span>vk.</span><span>com</span>", "https://vk.com");
        check("", "");
        check("<br><br>Яма<br>", "Яма");
    }

    #[test]
    fn plain_lines_count_where_they_may() {
        fn check(html: &str, expected: &str) {
            assert_eq!(html_lines(html), expected, "{html}");
        }
        check("Яма<br>и лужа &#39;тут&#39;", "Яма\nи лужа 'тут'");
        check("Яма\nи лужа <3", "Яма\nи лужа <3");
        check("Яма\n\nЛужа", "Яма\n\nЛужа");
        check("Яма<br />\nлужа", "Яма\nлужа");
        check("<a href=\"https://x.example/?a=1&amp;b=2\">1:05</a> тут", "1:05 тут");
    }

    #[test]
    fn deep_nesting_is_walked() {
        let html = format!("{}дно{}", "<div>".repeat(2_000), "</div>".repeat(2_000));
        assert_eq!(html_to_text(&html), "дно");
    }

    #[test]
    fn entities_are_decoded_once() {
        fn check(text: &str, expected: &str) {
            assert_eq!(decode_entities(text), expected);
        }
        check("&#10071;Важно &amp; срочно", "❗Важно & срочно");
        check("&amp;lt;br&amp;gt;", "&lt;br&gt;");
        check("a < b && c", "a < b && c");
        check("<b>не тег</b> &quot;да&quot;", "<b>не тег</b> \"да\"");
        check("просто & так", "просто & так");
    }

    #[test]
    fn left_over_numeric_references_are_decoded() {
        fn check(text: &str, expected: &str) {
            assert_eq!(decode_numeric(text), expected);
        }
        check("Ура&#33; и &#x21;", "Ура! и !");
        check("&lt;b&gt; &#; &#zz; &#99999999; &#0;", "&lt;b&gt; &#; &#zz; &#99999999; &#0;");
    }

    #[test]
    fn vk_markup_becomes_what_is_shown() {
        fn check(text: &str, expected: &str) {
            assert_eq!(vk_text(text), expected);
        }
        check("[id1|Ира], [club5|Двор]!", "Ира, Двор!");
        check("см. [https://vk.com/x|тут]", "см. тут");
        check("[#alias|t.me/so...|https://t.me/some]", "https://t.me/some");
        check("[не|упоминание] [a b|c] [x] [|y] [id1|]", "[не|упоминание] [a b|c] [x] [|y] [id1|]");
        check("раз<br>два &lt;br&gt;", "раз\nдва <br>");
        check("[незакрыто|", "[незакрыто|");
        check("#вологда@club1", "#вологда@club1");
    }
}
