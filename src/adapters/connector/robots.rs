//! What a site asks of robots (RFC 9309): which paths a program that calls
//! itself by our name may read. Pure reading; fetching is the client's.
//!
//! Written here because the crates for it are no longer kept up, and the
//! standard is a page long.

/// What the standard asks programs to read of the file at least; what is
/// beyond may be passed over.
pub const READ_MAX_BYTES: usize = 500 * 1024;

/// By which a site addresses us, in lower case.
const NAME: &str = "otklik";
const RULES_MAX: usize = 5_000;

/// The rules of a site that concern us.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Robots {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    pattern: String,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Disallow,
    Allow,
}

/// Whom the lines that are being read are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Us,
    Everybody,
    Others,
}

impl Robots {
    /// Lines that are not understood say nothing, as the standard wants it.
    pub fn read(text: &str) -> Robots {
        let (mut ours, mut everybodys, mut is_named) = (Vec::new(), Vec::new(), false);
        let (mut audience, mut in_heads) = (Vec::new(), false);
        for line in text.lines().take(RULES_MAX) {
            let line = line.split('#').next().unwrap_or("");
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !in_heads {
                    audience.clear();
                }
                in_heads = true;
                audience.push(whom(value));
                is_named |= audience.contains(&For::Us);
                continue;
            }
            let verdict = match key.as_str() {
                "allow" => Verdict::Allow,
                "disallow" => Verdict::Disallow,
                _ => continue,
            };
            in_heads = false;
            if value.is_empty() {
                continue;
            }
            let rule = Rule { pattern: value.to_owned(), verdict };
            if audience.contains(&For::Us) {
                ours.push(rule.clone());
            }
            if audience.contains(&For::Everybody) {
                everybodys.push(rule);
            }
        }
        Robots { rules: if is_named { ours } else { everybodys } }
    }

    /// Whether a path with its query may be read: the longest rule that fits
    /// decides, and of two as long the kinder one.
    pub fn allows(&self, path: &str) -> bool {
        let fitting = self.rules.iter().filter(|rule| fits(&rule.pattern, path));
        let longest = fitting.max_by_key(|rule| (rule.pattern.len(), rule.verdict));
        longest.is_none_or(|rule| rule.verdict == Verdict::Allow)
    }
}

fn whom(name: &str) -> For {
    let name = name.to_ascii_lowercase();
    match name.split('/').next().unwrap_or("") {
        "*" => For::Everybody,
        NAME => For::Us,
        _ => For::Others,
    }
}

/// `*` stands for anything, `$` at the end for the end. Never goes back
/// further than the last star, so that no pattern costs much.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, is_whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut pieces = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(pieces.next().unwrap_or("")) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, between)) = pieces.split_last() else {
        return !is_whole || rest.is_empty();
    };
    for piece in between {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    if is_whole { rest.ends_with(last) } else { rest.contains(last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rule_that_fits_decides() {
        fn check(text: &str, path: &str, allowed: bool) {
            assert_eq!(Robots::read(text).allows(path), allowed, "{text:?} {path}");
        }
        let site = "User-agent: *\nDisallow: /private/\nAllow: /private/news\nDisallow: /*.pdf$\n";
        check(site, "/", true);
        check(site, "/private/a", false);
        check(site, "/private/news/1", true);
        check(site, "/a/b.pdf", false);
        check(site, "/a/b.pdf?x=1", true);
        check("", "/a", true);
        check("User-agent: *\nDisallow:\n", "/a", true);
        check("User-agent: *\nDisallow: /\n", "/s/town", false);
        check("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a", true);
        check("Disallow: /\n", "/a", true);
        check("user-AGENT : *\n disallow : /a # all of it\n", "/ab", false);
        check("User-agent: *\nDisallow: /*?before=\n", "/s/town?before=5", false);
        check("User-agent: *\nDisallow: /*?before=\n", "/s/town", true);
    }

    #[test]
    fn rules_for_us_go_before_rules_for_everybody() {
        let site = "User-agent: *\nDisallow: /\n\nUser-agent: Other\nUser-agent: Otklik/1.0\n\
                    Disallow: /private\n\nUser-agent: Third\nDisallow: /s\n";
        let robots = Robots::read(site);
        assert!(robots.allows("/s/town"));
        assert!(!robots.allows("/private"));
        let nothing = "User-agent: otklik\nUser-agent: x\nAllow:\n\nUser-agent: *\nDisallow: /\n";
        assert!(Robots::read(nothing).allows("/s"));
    }

    #[test]
    fn hostile_files_cost_little() {
        let stars = format!("User-agent: *\nDisallow: /{}x$\n", "*a".repeat(5_000));
        assert!(Robots::read(&stars).allows(&format!("/{}", "a".repeat(5_000))));
        let long = "User-agent: *\n".to_owned() + &"Disallow: /a\n".repeat(100_000);
        assert!(Robots::read(&long).rules.len() <= RULES_MAX);
    }
}
