//! Words into markup. Everything that people wrote passes through here, so
//! that no text can become a tag.

/// For element content and quoted attributes of HTML and XML. Characters that
/// XML cannot hold are left out: nobody sees them, and one would break a feed.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(character),
            '\u{fffe}' | '\u{ffff}' => {}
            hidden if hidden.is_control() => {}
            shown => out.push(shown),
        }
    }
    out
}

/// The same with lines that break where the author broke them.
pub fn escaped_lines(text: &str) -> String {
    escaped(text).replace('\n', "<br/>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_a_tag() {
        fn check(text: &str, expected: &str) {
            assert_eq!(escaped_lines(text), expected);
        }
        check("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
        check("\"><b a=\"", "&quot;&gt;&lt;b a=&quot;");
        check("&lt; ]]> &amp;", "&amp;lt; ]]&gt; &amp;amp;");
        check("раз\nдва\r\n\u{0}\u{b}три", "раз<br/>два<br/>три");
    }
}
