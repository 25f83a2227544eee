//! The model: how much a post and an incident look like one problem. A sum of
//! parts; a part is a relation or a share, never a count, so that it means the
//! same in a village and in a capital. Decides nothing.

mod places;

pub use self::places::{Beside, beside};

use self::places::{is_elsewhere, places};
use crate::model::incident::ScorePart;
use crate::model::position::Position;
use crate::model::text::Span;
use crate::model::time::{Timestamp, to_ms};
use crate::rules::clustering::features::{PostFeatures, Word};
use crate::rules::clustering::members::{Member, Members};
use crate::rules::clustering::rarity::Rarity;
use crate::rules::clustering::told::{Shared, Told};
use crate::rules::near_copies::common_share;
use crate::rules::ruleset::{Part, PartWeights};
use crate::rules::similarity::{Sieve, cosine};

/// Shared words shown to people.
const WORDS_SHOWN: usize = 5;
/// Parts that an ordinary comparison has.
const PARTS_USUAL: usize = 22;
/// How many of the rarest shared words make «rare words in common».
const RAREST: usize = 3;
/// The logarithm of 200: a text of that many words says all that a text can.
const LONG_WORDS_LN: f64 = 5.298_317_366_548_036;
/// Below this many days nearness in time says nothing more: on a busy day
/// everything is near everything.
const NEAR_DAYS: f64 = 2.0;
/// The logarithm of one more than 60, the days after which a recurring matter
/// counts as a new one.
const FAR_DAYS_LN: f64 = 4.110_873_864_173_311;
/// With a smaller share of words about the matter in common, other topics are
/// other matters.
const OTHER_MATTER_MAX: f64 = 0.05;
/// With a smaller one nothing about the matter is in common.
const NO_MATTER_MAX: f64 = 0.02;
/// Ties of people, or of an appeal that both name.
const PERSONAL: [Part; 4] =
    [Part::SameAuthor, Part::SameThread, Part::SameAppeal, Part::SameAttachment];
/// A post tells the same matter as another with so many words about it in common
/// that are rarer than this.
const TELLING_WORDS: usize = 2;
const TELLING_RARITY_MIN: f64 = 0.5;
/// An incident's matter is told by so many of its posts, and by one of so many: the
/// more there are, the more must agree.
const SEVERAL: usize = 2;
const ONE_OF: usize = 3;
const DAY_MS: f64 = 86_400_000.0;
/// A name rarer than this share of the scale counts as a name of something.
const NAME_RARITY_MIN: f64 = 0.45;

/// The weight of a post's words, as a whole and by kind.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    all: f64,
    matter: f64,
    names: f64,
    lead: f64,
}

impl Totals {
    pub fn of(post: &PostFeatures, rarity: &Rarity) -> Totals {
        Totals::weighed(post, post.word_keys.iter().map(|key| rarity.of(*key)))
    }

    /// The same where the words' rarities are known.
    fn weighed(post: &PostFeatures, rarity: impl Iterator<Item = f64>) -> Totals {
        let mut totals = Totals::default();
        for (word, rare) in post.words.iter().zip(rarity) {
            totals.add(word, rare);
        }
        totals
    }

    fn add(&mut self, word: &Word, rare: f64) {
        let weight = rare * rare * emphasis(word).powi(2);
        self.all += weight;
        if word.leads {
            self.lead += rare * rare;
        }
        if word.is_name || word.is_number {
            self.names += weight;
        } else if !word.is_place {
            self.matter += weight;
        }
    }
}

/// A post with its words' rarities looked up once, ready to be held against many.
pub struct Weighed<'p> {
    pub post: &'p PostFeatures,
    /// Parallel to `post.word_keys`.
    pub rarity: Vec<f64>,
    pub totals: Totals,
    words: Sieve<'p>,
    pairs: Sieve<'p>,
    /// How fast its matter lives: what days are multiplied by.
    pace: f64,
    tellable: Told,
}

impl<'p> Weighed<'p> {
    pub fn new(post: &'p PostFeatures, rarity: &Rarity, pace: f64) -> Weighed<'p> {
        let rarity: Vec<f64> = post.word_keys.iter().map(|key| rarity.of(*key)).collect();
        let totals = Totals::weighed(post, rarity.iter().copied());
        let (words, pairs) = (Sieve::new(&post.word_keys), Sieve::new(&post.pairs));
        let tellable = Told::of(post, &rarity, |_| true);
        Weighed { post, rarity, totals, words, pairs, tellable, pace }
    }
}

/// A word that a post repeats is its matter rather than its manner.
fn emphasis(word: &Word) -> f64 {
    if word.times == 1 { 1.0 } else { 1.0 + f64::from(word.times).ln() }
}

/// What a person reads beside a part; made into text only for what is shown.
#[derive(Debug, Clone, Copy)]
enum Shown {
    Nothing,
    Span(Span),
    Words(Rarest),
    Topic,
    Group,
    Hours(f64),
    Count(usize),
}

impl Shown {
    fn text(self, post: &PostFeatures) -> String {
        match self {
            Shown::Nothing => String::new(),
            Shown::Span(span) => span.of(&post.text).to_owned(),
            Shown::Words(rarest) => {
                let words =
                    rarest.words.iter().filter_map(|(_, at)| post.words.get(usize::from(*at)));
                words.map(|word| word.span.of(&post.text)).collect::<Vec<_>>().join(", ")
            }
            Shown::Topic => post.topic.0.clone(),
            Shown::Group => post.group.clone(),
            Shown::Hours(hours) => format!("{hours:.0}"),
            Shown::Count(count) => count.to_string(),
        }
    }
}

/// The rarest shared words, rarest first, among equals by key. Kept in place:
/// most comparisons come to nothing and should cost nothing.
#[derive(Debug, Clone, Copy)]
struct Rarest {
    /// Rarity, and the word's place in the post; `u16::MAX` for none.
    words: [(f32, u16); WORDS_SHOWN],
}

impl Rarest {
    const NONE: Rarest = Rarest { words: [(0.0, u16::MAX); WORDS_SHOWN] };

    fn offer(&mut self, rare: f64, at: usize) {
        let mut offered = (rare as f32, at as u16);
        for kept in &mut self.words {
            if kept.0 < offered.0 {
                std::mem::swap(kept, &mut offered);
            }
        }
    }

    /// Mean rarity of the first few; a missing one counts as no rarity at all.
    fn mean(&self) -> f64 {
        self.words.iter().take(RAREST).map(|(rare, _)| f64::from(*rare)).sum::<f64>()
            / RAREST as f64
    }
}

/// What two posts have in common, before weights.
#[derive(Debug, Default, Clone)]
pub struct Relation {
    values: Vec<(Part, f64, Shown)>,
    /// Both name one street, house or object, each in a town of its own.
    in_two_towns: bool,
    /// Which words of the post the other has.
    shared: Shared,
    /// So many telling words about the matter.
    telling: usize,
}

impl Relation {
    fn with_usual_room() -> Relation {
        Relation { values: Vec::with_capacity(PARTS_USUAL), ..Relation::default() }
    }

    fn clear(&mut self) {
        self.values.clear();
        self.in_two_towns = false;
        self.shared = Shared::default();
        self.telling = 0;
    }

    fn add(&mut self, part: Part, value: f64, shown: Shown) {
        if value != 0.0 {
            self.values.push((part, value, shown));
        }
    }

    pub fn value(&self, part: Part) -> f64 {
        self.values.iter().find(|(known, _, _)| *known == part).map_or(0.0, |(_, value, _)| *value)
    }

    pub fn sum(&self, weights: &PartWeights) -> f64 {
        self.values.iter().map(|(part, value, _)| value * weights.of(*part)).sum()
    }

    /// The sum where no other candidates are at hand: a share that is measured
    /// against theirs counts as among ordinary ones.
    pub fn sum_among_ordinary(&self, weights: &PartWeights) -> f64 {
        let mut sum = 0.0;
        for (part, value, _) in &self.values {
            sum += value * weights.of(*part);
            if let Some((_, stands_out)) = STANDING_OUT.iter().find(|(share, _)| share == part) {
                sum += outstanding(*value, ORDINARY_SHARE) * weights.of(*stands_out);
            }
        }
        sum
    }

    /// All values by their parts; 0 where nothing was found.
    pub fn measured(&self) -> [f64; Part::COUNT] {
        let mut values = [0.0; Part::COUNT];
        for (part, value, _) in &self.values {
            values[*part as usize] = *value;
        }
        values
    }

    /// The same as if both had been written at one time.
    pub fn at_once(mut self) -> Relation {
        for (part, value, _) in &mut self.values {
            if *part == Part::TimeApart {
                *value = time_apart(0.0);
            }
        }
        self
    }

    /// The parts that count, with what the compared post says of them.
    pub fn parts(&self, weights: &PartWeights, post: &PostFeatures) -> Vec<ScorePart> {
        self.values
            .iter()
            .filter(|(part, _, _)| weights.of(*part) != 0.0)
            .map(|(part, value, shown)| ScorePart {
                name: part.name().to_owned(),
                value: *value,
                weight: weights.of(*part),
                text: shown.text(post),
            })
            .collect()
    }
}

/// How a post stands to an incident as a whole.
pub struct Comparison {
    pub relation: Relation,
    pub nearest: Position,
    pub copy_share: f64,
    /// The nearest member is in another place.
    pub is_elsewhere: bool,
    /// The nearest member is about something else.
    pub is_other_matter: bool,
    /// Nothing says that the nearest member is about the same: no common topic
    /// or group, hardly a word.
    pub is_unlike: bool,
}

/// Shares whose size means little by itself: short messages have much in common
/// by chance, long ones little with anything. What tells is how far one candidate
/// stands out among the others.
const STANDING_OUT: [(Part, Part); 5] = [
    (Part::SharedWords, Part::WordsStandOut),
    (Part::MatterWords, Part::MatterStandsOut),
    (Part::LeadWords, Part::LeadStandsOut),
    (Part::WordPairs, Part::PairsStandOut),
    (Part::Told, Part::ToldStandsOut),
];
/// A share beside which others are measured inside one incident.
const ORDINARY_SHARE: f64 = 0.1;
/// The least that others are thought to have in common with a post, so that
/// standing alone is not yet standing out.
const LEAST_SHARE: f64 = 0.03;
/// So many of the best others make the measure.
const OTHERS_MEASURED: usize = 2;

/// 0 for nothing in common, a half for as much as the others, towards 1 for more.
fn outstanding(share: f64, others: f64) -> f64 {
    if share > 0.0 { share / (share + others) } else { 0.0 }
}

/// Adds to each comparison of one post how far it stands out among them.
pub fn stand_out<'c>(comparisons: impl Iterator<Item = &'c mut Comparison>) {
    let mut all: Vec<&mut Comparison> = comparisons.collect();
    for (share, stands_out) in STANDING_OUT {
        let values: Vec<f64> = all.iter().map(|one| one.relation.value(share)).collect();
        let best = best_of(&values);
        for (comparison, value) in all.iter_mut().zip(values) {
            // Its own share is not among the others'.
            let own = best.iter().position(|other| *other <= value);
            let others: f64 = match own.filter(|at| *at < OTHERS_MEASURED) {
                Some(_) => best.iter().sum::<f64>() - value,
                None => best[..OTHERS_MEASURED].iter().sum(),
            };
            let measure = (others / OTHERS_MEASURED as f64).max(LEAST_SHARE);
            comparison.relation.add(stands_out, outstanding(value, measure), Shown::Nothing);
        }
    }
}

/// The largest few, one more than are measured; 0 where there are fewer.
fn best_of(values: &[f64]) -> [f64; OTHERS_MEASURED + 1] {
    let mut best = [0.0; OTHERS_MEASURED + 1];
    for value in values {
        let mut offered = *value;
        for kept in &mut best {
            if *kept < offered {
                std::mem::swap(kept, &mut offered);
            }
        }
    }
    best
}

impl Comparison {
    /// Whether people, or an appeal that both name, tie the post to the incident,
    /// and not words.
    pub fn is_personal(&self) -> bool {
        PERSONAL.into_iter().any(|part| self.relation.value(part) > 0.0)
    }
}

/// Compares with every standing member; the nearest one gives the parts, the
/// others say whether they agree.
pub fn compare(
    post: &Weighed<'_>,
    members: &Members,
    rarity: &Rarity,
    weights: &PartWeights,
) -> Comparison {
    let (mut best, mut nearest) = (f64::NEG_INFINITY, None);
    let (mut whole, mut compared, mut copy_share) = (0.0, 0_usize, 0.0_f64);
    let (mut in_two_towns, mut in_one_town) = (false, false);
    let (mut told, mut tell_it) = (Shared::default(), 0);
    // The nearest one's, and room for the one that is looked at.
    let (mut relation, mut looked_at) = (Relation::default(), Relation::with_usual_room());
    for member in members.compared() {
        looked_at.clear();
        relate(post, member, rarity, &mut looked_at);
        // One alone is the nearest, whatever its sum.
        let sum = if members.count() > 1 { looked_at.sum_among_ordinary(weights) } else { 0.0 };
        whole += sum;
        compared += 1;
        told.add_all(&looked_at.shared);
        tell_it += usize::from(looked_at.telling >= TELLING_WORDS);
        in_two_towns |= looked_at.in_two_towns;
        in_one_town |= looked_at.value(Part::SameSettlement) > 0.0;
        copy_share = copy_share.max(looked_at.value(Part::Copy));
        // Members come by position: among equals the earliest stays.
        if nearest.is_none() || best < sum {
            (best, nearest) = (sum, Some(member.post().position));
            std::mem::swap(&mut relation, &mut looked_at);
        }
    }
    if compared > 1 {
        let mean = (whole - best) / (compared - 1) as f64;
        relation.add(Part::OthersAgree, (mean - best).max(-6.0) / 6.0, Shown::Nothing);
        relation.add(Part::Crowded, (members.count() as f64).ln(), Shown::Count(members.count()));
    }
    if SEVERAL.max(compared.div_ceil(ONE_OF)) <= tell_it {
        relation.add(Part::SeveralTell, 1.0, Shown::Nothing);
    }
    tell(post, &told, &mut relation);
    // The nearest member may leave its town unsaid where another one names it.
    let is_elsewhere = is_elsewhere(&relation) || in_two_towns && !in_one_town;
    let tells_matter = 0.0 < post.totals.matter;
    let (is_other_matter, is_unlike) =
        (is_other_matter(&relation, tells_matter), is_unlike(&relation));
    Comparison {
        relation,
        nearest: nearest.unwrap_or(Position(0)),
        copy_share,
        is_elsewhere,
        is_other_matter,
        is_unlike,
    }
}

/// How much of what a post tells the incident as a whole has told before.
fn tell(post: &Weighed<'_>, shared: &Shared, relation: &mut Relation) {
    let told = Told::of(post.post, &post.rarity, |at| shared.has(at));
    let (words, names) = told.shares(post.tellable);
    relation.add(Part::Told, words, Shown::Nothing);
    relation.add(Part::NamesTold, names, Shown::Nothing);
}

/// Whatever the topic of the other is, and whether it has one.
fn is_unlike(relation: &Relation) -> bool {
    let has = |part| relation.value(part) > 0.0;
    !has(Part::SameTopic)
        && !has(Part::SameGroup)
        && relation.value(Part::MatterWords) < OTHER_MATTER_MAX
}

/// Two known topics, and hardly a word about the matter in common: no light and no
/// sleep at one house, a rude driver and a late bus on one route. Where a topic is
/// not known, not a word in common: a name alone makes no problem of two, unless
/// people tie them together.
fn is_other_matter(relation: &Relation, tells_matter: bool) -> bool {
    let has = |part| relation.value(part) > 0.0;
    let is_other_topic = has(Part::OtherTopic) || (has(Part::SameGroup) && !has(Part::SameTopic));
    let in_common = relation.value(Part::MatterWords);
    if is_other_topic || has(Part::SameTopic) {
        return is_other_topic && in_common < OTHER_MATTER_MAX;
    }
    tells_matter && in_common < NO_MATTER_MAX && !PERSONAL.into_iter().any(has)
}

/// Whether two posts are about different things.
pub fn is_another_matter(a: &Weighed<'_>, b: &Member, rarity: &Rarity) -> bool {
    let mut relation = Relation::default();
    relate(a, b, rarity, &mut relation);
    is_other_matter(&relation, false)
}

/// Two posts.
fn relate(a: &Weighed<'_>, member: &Member, rarity: &Rarity, relation: &mut Relation) {
    let b = member.post();
    relation.add(Part::Base, 1.0, Shown::Nothing);
    let place = places(a.post, b, relation);
    words(a, member, rarity, place, relation);
    matter(a.post, b, relation);
    people_and_time(a, b, relation);
}

fn words(a: &Weighed<'_>, member: &Member, rarity: &Rarity, place: f64, relation: &mut Relation) {
    let b = member.post();
    let (mut all, mut matter, mut names, mut lead, mut rarest_name) =
        (0.0, 0.0, 0.0, 0.0, (0.0, 0));
    let mut common = Rarest::NONE;
    a.words.each_shared(&b.word_keys, |i, j| {
        let plain = a.rarity[i] * a.rarity[i];
        let weight = plain * emphasis(&a.post.words[i]) * emphasis(&b.words[j]);
        all += weight;
        relation.shared.add(i);
        if a.post.words[i].leads && b.words[j].leads {
            lead += plain;
        }
        common.offer(a.rarity[i], i);
        let (mine, theirs) = (a.post.words[i], b.words[j]);
        if mine.is_name && theirs.is_name || mine.is_number {
            names += weight;
            if !mine.is_number && a.rarity[i] > rarest_name.0 {
                rarest_name = (a.rarity[i], i);
            }
        } else if !mine.is_name && !theirs.is_name && !mine.is_place && !theirs.is_place {
            matter += weight;
            relation.telling += usize::from(a.rarity[i] > TELLING_RARITY_MIN);
        }
    });
    // Where nothing is shared, no share asks what the whole would weigh.
    let b_totals = if all > 0.0 { member.totals(rarity) } else { Totals::default() };
    let matter = cosine(matter, a.totals.matter, b_totals.matter);
    relation.add(Part::SharedWords, cosine(all, a.totals.all, b_totals.all), Shown::Nothing);
    relation.add(Part::RareWords, common.mean(), Shown::Words(common));
    relation.add(Part::MatterWords, matter, Shown::Nothing);
    relation.add(Part::LeadWords, cosine(lead, a.totals.lead, b_totals.lead), Shown::Nothing);
    let shorter = f64::from(a.post.length.min(b.length)) + 1.0;
    relation.add(Part::Length, (shorter.ln() / LONG_WORDS_LN).min(1.0), Shown::Nothing);
    relation.add(Part::SharedNames, cosine(names, a.totals.names, b_totals.names), Shown::Nothing);
    let has_rare_name = rarest_name.0 > NAME_RARITY_MIN;
    if has_rare_name {
        relation.add(Part::RareName, rarest_name.0, Shown::Span(a.post.words[rarest_name.1].span));
    }
    let somewhere = place.max(if has_rare_name { rarest_name.0 * 0.8 } else { 0.0 });
    relation.add(Part::PlaceAndMatter, (somewhere * matter).sqrt(), Shown::Nothing);
    let pairs = a.pairs.shared(&b.pairs) as f64;
    relation.add(
        Part::WordPairs,
        cosine(pairs, a.post.pairs.len() as f64, b.pairs.len() as f64),
        Shown::Nothing,
    );
    if pairs == 0.0 {
        // Without a pair in common there is hardly a run of three either.
        return;
    }
    relation.add(Part::Copy, common_share(&a.post.sketch, &b.sketch), Shown::Nothing);
}

fn matter(a: &PostFeatures, b: &PostFeatures, relation: &mut Relation) {
    if !a.topic_is_known() || !b.topic_is_known() {
        return;
    }
    if a.topic == b.topic {
        relation.add(Part::SameTopic, 1.0, Shown::Topic);
    } else if a.group == b.group {
        relation.add(Part::SameGroup, 1.0, Shown::Group);
    } else {
        relation.add(Part::OtherTopic, 1.0, Shown::Topic);
    }
}

fn people_and_time(a: &Weighed<'_>, b: &PostFeatures, relation: &mut Relation) {
    let (a, pace) = (a.post, a.pace);
    if a.ties.of_one_author(&b.ties) {
        relation.add(Part::SameAuthor, 1.0, Shown::Nothing);
    }
    if a.ties.in_one_thread(&b.ties) {
        relation.add(Part::SameThread, 1.0, Shown::Nothing);
    }
    if a.ties.of_one_appeal(&b.ties) {
        relation.add(Part::SameAppeal, 1.0, Shown::Nothing);
    }
    if a.ties.of_one_attachment(&b.ties) {
        relation.add(Part::SameAttachment, 1.0, Shown::Nothing);
    }
    if a.continues {
        relation.add(Part::Continues, 1.0, Shown::Nothing);
    }
    match days_apart(a, b) {
        Some(days) => {
            relation.add(Part::TimeApart, time_apart(days * pace), Shown::Hours(days * 24.0));
        }
        None => relation.add(Part::TimeApart, 1.0, Shown::Nothing),
    }
}

fn time_apart(days: f64) -> f64 {
    days.max(NEAR_DAYS).ln_1p() / FAR_DAYS_LN
}

/// `None` where one has no date: such posts count as far apart, for they may be.
fn days_apart(a: &PostFeatures, b: &PostFeatures) -> Option<f64> {
    let dated = |post: &PostFeatures| post.written_at != Timestamp::UNIX_EPOCH;
    let apart_ms = (to_ms(a.written_at) - to_ms(b.written_at)).unsigned_abs();
    (dated(a) && dated(b)).then_some(apart_ms as f64 / DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(share: f64) -> Comparison {
        let mut relation = Relation::default();
        relation.add(Part::SharedWords, share, Shown::Nothing);
        Comparison {
            relation,
            nearest: Position(1),
            copy_share: 0.0,
            is_elsewhere: false,
            is_other_matter: false,
            is_unlike: false,
        }
    }

    /// How far each of the shares stands out among all, in hundredths.
    fn standing_out(shares: &[f64]) -> Vec<i64> {
        let mut all: Vec<Comparison> = shares.iter().map(|share| comparison(*share)).collect();
        stand_out(all.iter_mut());
        let value = |one: &Comparison| one.relation.value(Part::WordsStandOut);
        all.iter().map(|one| (value(one) * 100.0).round() as i64).collect()
    }

    #[test]
    fn a_share_is_measured_by_the_best_others() {
        assert_eq!(standing_out(&[0.6, 0.2, 0.2, 0.1]), [75, 33, 33, 20]);
        assert_eq!(standing_out(&[0.3, 0.3, 0.3]), [50, 50, 50]);
        // The same picture among long texts, where all shares are small.
        assert_eq!(standing_out(&[0.18, 0.06, 0.06, 0.03]), [75, 33, 33, 20]);
        // Standing alone is not yet standing out.
        assert_eq!(standing_out(&[0.03]), [50]);
        assert_eq!(standing_out(&[0.0, 0.0]), [0, 0]);
    }
}
