//! What a definition that can be read must still keep to: names that name
//! something, places that are well formed, numbers that make sense. Every
//! complaint has the line of what is wrong.

use std::collections::BTreeMap;

use scraper::Selector;

use super::stream::BACKFILL_STAND_INS;
use super::{
    DefinitionFile, Extraction, Format, MediaRule, OF_STAND_INS, POST_STAND_INS, Paging, PollKind,
    Problem, Protocol, Rule, Rules, STAND_INS, Strategy, StreamKind, source_stand_ins, stand_ins,
    table_and_place,
};

/// The file's CSS selectors, compiled, or everything that is wrong with it.
pub(super) fn selectors(
    file_name: &str,
    text: &str,
    file: &DefinitionFile,
) -> Result<BTreeMap<String, Selector>, Vec<Problem>> {
    let mut checker = Checker { file_name, text, problems: Vec::new(), selectors: BTreeMap::new() };
    checker.file(file);
    if checker.problems.is_empty() { Ok(checker.selectors) } else { Err(checker.problems) }
}

fn format_of(file: &DefinitionFile, extraction: &str) -> Format {
    file.extract.get(extraction).and_then(|one| one.format).unwrap_or(file.format)
}

/// Calls that the network makes of one script.
const BATCH_MAX: usize = 25;

struct Checker<'a> {
    file_name: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
    selectors: BTreeMap<String, Selector>,
}

impl Checker<'_> {
    fn file(&mut self, file: &DefinitionFile) {
        if let Some(address) = &file.base_url
            && url::Url::parse(address).is_err()
        {
            self.complain("base_url", address, "is not an address");
        }
        if !(1..=100).contains(&file.rate.spare_percent) {
            self.complain("rate", "spare_percent", "a share is 1 to 100");
        }
        for (name, kind) in &file.poll {
            self.check_poll(name, kind, file);
        }
        for (name, kind) in &file.stream {
            self.check_stream(name, kind, file);
        }
        for (name, extraction) in &file.extract {
            self.check_extraction(name, extraction, file);
        }
        let errors = &file.errors;
        let codes = errors.code.iter().chain(&errors.subcode);
        for place in codes.chain(&errors.message).chain(&errors.unless) {
            self.check_place("errors.code", place, file.format);
        }
        for page in &file.errors.pages {
            for place in std::iter::once(&page.at).chain(&page.absent) {
                self.check_place("errors.pages", place, Format::Html);
            }
        }
        if let Some(path) = &file.errors.redirect_probe {
            self.check_stand_ins("errors.redirect_probe", path);
        }
    }

    fn check_poll(&mut self, name: &str, kind: &PollKind, file: &DefinitionFile) {
        let field = format!("poll.{name}");
        if !file.extract.contains_key(&kind.extract) {
            self.complain(&field, &kind.extract, "names an extraction that is not there");
        }
        for text in std::iter::once(&kind.path).chain(kind.query.values()) {
            self.check_stand_ins(&field, text);
        }
        for name in stand_ins(&kind.of).filter(|name| !OF_STAND_INS.contains(name)) {
            self.complain(&field, &kind.of, &format!("{{{name}}} stands for nothing"));
        }
        if kind.base_url.as_ref().is_some_and(|address| url::Url::parse(address).is_err()) {
            self.complain(&field, "base_url", "is not an address");
        }
        if kind.overlap_secs < 0 {
            self.complain(&field, "overlap_secs", "must not be negative");
        }
        if kind.interval_secs == 0 || kind.first_pages == 0 {
            self.complain(&field, &format!("[{field}]"), "interval and first_pages start at 1");
        }
        self.check_threads(&field, kind, file);
        match &kind.paging {
            Paging::Token { at, more, .. } => {
                for place in std::iter::once(at).chain(more) {
                    self.check_place(&field, place, format_of(file, &kind.extract));
                }
            }
            Paging::Offset { total: at, .. } | Paging::NextAddress { at, .. } => {
                self.check_place(&field, at, format_of(file, &kind.extract));
            }
            Paging::Listed(listed) => {
                for place in listed.at.iter().chain(&listed.shown) {
                    self.check_place(&field, place, format_of(file, &kind.extract));
                }
                for text in std::iter::once(&listed.path).chain(listed.query.values()) {
                    self.check_stand_ins(&field, text);
                }
                if listed.most == 0 {
                    self.complain(&field, "most", "starts at 1");
                }
            }
            Paging::None | Paging::Number { .. } | Paging::LinkHeader { .. } | Paging::NextPage => {
            }
        }
    }

    fn check_stream(&mut self, name: &str, kind: &StreamKind, file: &DefinitionFile) {
        let field = format!("stream.{name}");
        if file.poll.contains_key(name) {
            self.complain(&field, name, "a poll kind has this name");
        }
        if !file.extract.contains_key(&kind.extract) {
            self.complain(&field, &kind.extract, "names an extraction that is not there");
        } else if format_of(file, &kind.extract) != Format::Json {
            self.complain(&field, &kind.extract, "frames are JSON");
        }
        for text in std::iter::once(&kind.path).chain(kind.query.values()) {
            self.check_stand_ins(&field, text);
        }
        if kind.base_url.as_ref().is_some_and(|address| url::Url::parse(address).is_err()) {
            self.complain(&field, "base_url", "is not an address");
        }
        let is_sound = 0 < kind.frame_max_bytes
            && 0 < kind.idle_secs
            && (1..=100).contains(&kind.share_percent);
        if !is_sound {
            let message = "bytes and seconds start at 1, a share is 1 to 100";
            self.complain(&field, &format!("[{field}]"), message);
        }
        for condition in kind.original.iter().chain(&kind.revives) {
            self.check_place(&field, &condition.at, Format::Json);
        }
        if kind.memory_secs.is_some() && !kind.protocol.resumes() {
            self.complain(&field, "memory_secs", "belongs to a protocol that resumes");
        }
        for other in kind.comments.iter().chain(&kind.recheck) {
            if !file.poll.contains_key(other) {
                self.complain(&field, other, "names a poll kind that is not there");
            }
        }
        let Some(backfill) = &kind.backfill else { return };
        if !file.poll.contains_key(&backfill.kind) {
            self.complain(&field, &backfill.kind, "names a poll kind that is not there");
        }
        for name in stand_ins(&backfill.target) {
            let is_of_rules = kind.protocol == Protocol::VkStreaming && name == "place";
            if !is_of_rules && !BACKFILL_STAND_INS.contains(&name) {
                self.complain(&field, &backfill.target, &format!("{{{name}}} stands for nothing"));
            }
        }
    }

    /// Kinds that read comments or single posts are there and ask for such.
    fn check_threads(&mut self, field: &str, kind: &PollKind, file: &DefinitionFile) {
        let others = [&kind.comments, &kind.branches, &kind.recheck, &kind.backfill];
        for other in others.into_iter().flatten() {
            if !file.poll.contains_key(other) {
                self.complain(field, other, "names a poll kind that is not there");
            }
        }
        let numbers = kind.rereading;
        let is_sound = 0 < numbers.shortest_secs
            && numbers.shortest_secs <= numbers.longest_secs
            && 0 < numbers.incident_secs
            && 0 < numbers.ends_after_secs
            && 0 <= numbers.quiet_percent
            && (1..=100).contains(&numbers.share_percent);
        if !is_sound {
            let message = "seconds start at 1, the shortest wait is not the longer one, \
                           a share is 1 to 100";
            self.complain(field, "rereading", message);
        }
        let is_a_way = |other: &String| file.poll.get(other).is_none_or(PollKind::reaches_back);
        if let Some(other) = kind.backfill.as_ref().filter(|other| !is_a_way(other)) {
            self.complain(field, other, "backfill names a kind that cannot reach back");
        }
        if kind.batch.as_ref().is_some_and(|batch| !(2..=BATCH_MAX).contains(&batch.most())) {
            self.complain(field, "batch", "takes 2 to 25 calls");
        }
        if kind.posts_max == 0 {
            self.complain(field, "posts_max", "starts at 1");
        }
    }

    fn check_extraction(&mut self, name: &str, extraction: &Extraction, file: &DefinitionFile) {
        let field = format!("extract.{name}");
        if let Some(other) = &extraction.same_as {
            let sound = file.extract.get(other).is_some_and(|other| other.same_as.is_none());
            if !sound {
                self.complain(&field, other, "same_as names no extraction that says it all");
            }
            return;
        }
        if let Some(other) = &extraction.when_feed {
            let sound = file.extract.contains_key(other) && format_of(file, other) == Format::Feed;
            if !sound {
                self.complain(&field, other, "when_feed names no extraction that reads feeds");
            }
        }
        let format = extraction.format.unwrap_or(file.format);
        if matches!(format, Format::Feed | Format::Page) {
            return;
        }
        if extraction.dialect.is_some() {
            self.complain(&field, "dialect", "belongs to feeds");
        }
        if extraction.fields.native_id.0.is_empty() || extraction.fields.published_at.0.is_empty() {
            self.complain(&field, &format!("[{field}"), "needs native_id and published_at");
        }
        for place in extraction.root.iter().chain(&extraction.present).chain(&extraction.inherit) {
            self.check_place(&field, place, format);
        }
        let around = extraction.around.values();
        for place in extraction.items.iter().map(|items| &items.at).chain(around) {
            self.check_place(&field, place, format);
        }
        let only = extraction.only.iter().map(|only| &only.at);
        for place in extraction.children.iter().chain(only) {
            self.check_place(&field, place, format);
        }
        let of_items = extraction.items.iter().filter_map(|items| items.when.as_ref());
        let conditions = extraction.skip.iter().chain(&extraction.pinned).chain(of_items);
        let conditions = conditions
            .chain(&extraction.deleted)
            .chain(&extraction.private)
            .chain(&extraction.guest)
            .chain(&extraction.excerpt);
        for condition in conditions.chain(&extraction.nothing).chain(&extraction.withheld) {
            for place in std::iter::once(&condition.at).chain(&condition.differs_from) {
                self.check_place(&field, place, format);
            }
        }
        if let Some(more) = &extraction.more {
            self.check_place(&field, &more.at, format);
            self.check_place(&field, &more.when.at, format);
        }
        self.check_rules(&format!("{field}.total"), &extraction.total, extraction, format);
        for (name, rules) in extraction.fields.each() {
            self.check_rules(&format!("{field}.fields.{name}"), rules, extraction, format);
        }
        for table in extraction.names.values() {
            for place in table.rows.iter().chain(&table.name) {
                self.check_place(&field, place, format);
            }
            self.check_rules(&field, &table.id, extraction, format);
        }
        for place in extraction.around.values() {
            self.check_place(&field, place, format);
        }
        for rule in &extraction.media {
            self.check_media(&field, rule, extraction, format);
        }
    }

    fn check_media(&mut self, field: &str, rule: &MediaRule, of: &Extraction, format: Format) {
        let conditions = rule.skip.iter().chain(&rule.when).map(|condition| &condition.at);
        for place in rule.each.iter().chain(&rule.kind_at).chain(conditions) {
            self.check_place(field, place, format);
        }
        self.check_rules(field, &rule.url, of, format);
    }

    fn check_rules(&mut self, field: &str, rules: &Rules, within: &Extraction, format: Format) {
        for rule in &rules.0 {
            self.check_rule(field, rule, within, format);
        }
    }

    fn check_rule(&mut self, field: &str, rule: &Rule, within: &Extraction, format: Format) {
        let ways = usize::from(!rule.at.is_empty())
            + usize::from(rule.template.is_some())
            + usize::from(rule.strategy.is_some())
            + usize::from(!rule.paragraphs.is_empty());
        if ways != 1 {
            let message = "needs exactly one of at, template, strategy, paragraphs";
            self.complain(field, field, message);
        }
        for place in rule.strategy.into_iter().flat_map(Strategy::places) {
            self.check_place(field, place, format);
        }
        if rule.strategy.is_some() && format != Format::Html {
            self.complain(field, "strategy", "belongs to pages of HTML");
        }
        self.check_rule_places(field, rule, format);
        let in_template = rule.template.iter().flat_map(|template| stand_ins(template));
        let in_template = in_template.filter_map(|name| table_and_place(name).0);
        for table in rule.lookup.iter().map(String::as_str).chain(in_template) {
            if !within.names.contains_key(table) {
                self.complain(field, table, "looks up a table of names that is not there");
            }
        }
        for inner in &rule.paragraphs {
            self.check_rule(field, inner, within, format);
        }
    }

    fn check_rule_places(&mut self, field: &str, rule: &Rule, format: Format) {
        let other = rule.unless_equal.iter().flat_map(|other| &other.at);
        let of_other = rule.unless_equal.iter().filter_map(|other| other.template.as_ref());
        let within = rule.within.iter().flat_map(|within| [&within.each, &within.when.at]);
        let when = rule.when.iter().chain(&rule.unless).map(|condition| &condition.at);
        for place in rule.at.iter().chain(when).chain(within).chain(other) {
            self.check_place(field, place, format);
        }
        let templates = rule.template.iter().chain(of_other);
        for name in templates.flat_map(|template| stand_ins(template)) {
            self.check_place(field, table_and_place(name).1, format);
        }
    }

    fn check_place(&mut self, field: &str, place: &str, format: Format) {
        if let Some(name) = place.strip_prefix('$') {
            if !STAND_INS.contains(&name) {
                self.complain(field, place, "stands for nothing");
            }
            return;
        }
        let place = place.strip_prefix('^').unwrap_or(place);
        match format {
            Format::Json if !place.is_empty() && !place.starts_with('/') => {
                self.complain(field, place, "a JSON pointer starts with /");
            }
            Format::Html => {
                let selector = place.split('@').next().unwrap_or("");
                match Selector::parse(selector) {
                    _ if selector.is_empty() => {}
                    Ok(parsed) => {
                        self.selectors.insert(selector.to_owned(), parsed);
                    }
                    Err(error) => self.complain(field, place, &format!("bad selector: {error}")),
                }
            }
            Format::Json | Format::Feed | Format::Page => {}
        }
    }

    fn check_stand_ins(&mut self, field: &str, text: &str) {
        for name in source_stand_ins(text) {
            if !STAND_INS.contains(&name) && !POST_STAND_INS.contains(&name) {
                self.complain(field, text, &format!("{{{name}}} stands for nothing"));
            }
        }
    }

    /// The line is that of the first mention of what is wrong.
    fn complain(&mut self, field: &str, wrong: &str, message: &str) {
        let at = self.text.find(wrong).unwrap_or(0);
        self.problems.push(Problem {
            file: self.file_name.to_owned(),
            line: self.text[..at].matches('\n').count() + 1,
            field: field.to_owned(),
            message: format!("{message} ({wrong})"),
        });
    }
}
