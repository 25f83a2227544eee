//! Complaints without end as grouping gets them: matched posts with a topic and a
//! place, half of them about something already told. Words are as frequent as in a
//! language: few are in every post, new ones never cease. The same seed gives the
//! same posts. Places and topics come with the post; nothing is matched here.

use otklik::model::finding::{Finding, TopicMatch, TopicOrigin, Verdict};
use otklik::model::place::Place;
use otklik::model::position::Position;
use otklik::model::post::{Network, Post, PostKey, StoredPost};
use otklik::model::text::Span;
use otklik::model::time::Timestamp;
use otklik::model::topic::TopicId;

use super::chance::Chance;

/// Troubles that people still write about.
const TROUBLES_OPEN: usize = 30_000;
/// Posts that are still answered and passed on.
const ANSWERED: usize = 2_000;
const AUTHORS: u64 = 120_000;
/// Different words that people may use, most of them hardly ever.
const VOCABULARY: f64 = 400_000.0;
const STREETS: u64 = 900;
const SETTLEMENTS: u64 = 60;
const HOUSES: u64 = 140;
/// 200 000 posts in forty days, all of them within one window.
const STEP_MS: i64 = 17_000;
/// 1 November 2026.
const FIRST_MS: i64 = 1_793_491_200_000;

const NETWORKS: [&str; 5] = ["vk", "telegram", "ok", "rss", "mastodon"];

/// Group, topic, and how people say it.
const MATTERS: [(&str, &str, [&str; 3]); 20] = [
    ("lighting", "lamps", ["не горят фонари", "нет освещения, темно", "фонари не работают"]),
    ("lighting", "lights", ["светофор мигает", "не работает светофор", "светофор не горит"]),
    ("roads", "holes", ["яма на дороге", "глубокая выбоина", "асфальт провалился"]),
    ("roads", "kerbs", ["разбит бордюр", "бордюр лежит на проезжей части", "нет съезда"]),
    ("heating", "cold", ["батареи холодные", "нет отопления", "в квартире холодно"]),
    ("water", "hot", ["нет горячей воды", "вода чуть тёплая", "горячую воду отключили"]),
    ("water", "burst", ["прорвало трубу", "течёт вода по дороге", "залило двор"]),
    ("water", "rusty", ["вода ржавая", "из крана течёт жёлтая вода", "вода с запахом"]),
    ("waste", "bins", ["не вывозят мусор", "контейнеры переполнены", "баки полны"]),
    ("waste", "dump", ["стихийная свалка", "навалили строительный мусор", "свалка у леса"]),
    ("winter", "snow", ["не чистят снег", "снег не убирают", "двор завалило снегом"]),
    ("winter", "ice", ["сплошной лёд", "гололёд, не посыпают", "тротуар во льду"]),
    ("housing", "roof", ["течёт крыша", "с потолка льёт", "крыша протекает"]),
    ("housing", "lift", ["лифт стоит", "лифт не работает", "лифт застревает"]),
    ("housing", "porch", ["в подъезде грязь", "не моют подъезд", "подъезд не убирают"]),
    ("transport", "late", ["автобус не приходит", "маршрутку ждём час", "сняли рейс"]),
    ("health", "queue", ["нет талонов к врачу", "очередь в поликлинике", "не записаться"]),
    ("schools", "cold", ["в классах холодно", "дети учатся в куртках", "в школе мёрзнут"]),
    ("animals", "dogs", ["собаки бегают стаей", "стая бросается на детей", "собака напала"]),
    ("green", "trees", ["сухое дерево", "дерево вот-вот упадёт", "ветки над проводами"]),
];

const OPENINGS: [&str; 6] = [
    "Здравствуйте!",
    "Добрый день.",
    "Уважаемая администрация,",
    "Люди, куда писать:",
    "Опять то же самое:",
    "Прошу принять меры:",
];

const ENDINGS: [&str; 6] = [
    "Когда это исправят?",
    "Звонили в диспетчерскую, толку никакого.",
    "Управляющая компания только обещает.",
    "Никому нет до нас дела.",
    "На заявки не отвечают, трубку не берут.",
    "Просим разобраться и сделать наконец!",
];

const SYLLABLES: [&str; 32] = [
    "ба", "во", "гру", "де", "жи", "за", "ка", "ло", "ми", "но", "пе", "ра", "со", "ту", "ше",
    "по", "при", "сти", "кро", "вал", "тен", "бор", "лин", "мур", "дал", "гор", "зем", "рож", "чу",
    "хор", "пля", "вет",
];
const WORD_ENDINGS: [&str; 8] = ["ка", "ный", "ть", "ник", "ость", "ом", "ская", "и"];

/// What is wrong somewhere, and the words that belong to it alone.
#[derive(Clone)]
struct Trouble {
    matter: usize,
    settlement: String,
    street: String,
    house: u64,
    own: [String; 4],
}

pub struct Complaints {
    chance: Chance,
    number: u64,
    troubles: Vec<Trouble>,
    latest: Vec<(StoredPost, Finding)>,
}

impl Complaints {
    pub fn new(seed: u64) -> Complaints {
        Complaints { chance: Chance(seed), number: 0, troubles: Vec::new(), latest: Vec::new() }
    }

    /// The second word half as often as the first, the tenth a tenth as often.
    fn word(&mut self) -> String {
        word(VOCABULARY.powf(self.chance.share()) as u64)
    }

    fn rare_word(&mut self) -> String {
        word(VOCABULARY.powf(0.6 + 0.4 * self.chance.share()) as u64)
    }

    fn trouble(&mut self) -> Trouble {
        if !self.troubles.is_empty() && self.chance.below(2) == 0 {
            // Of the latest more is heard than of the old ones.
            let ago = (self.chance.share().powi(3) * self.troubles.len() as f64) as usize;
            return self.troubles[self.troubles.len() - 1 - ago].clone();
        }
        let trouble = Trouble {
            matter: self.chance.below(MATTERS.len() as u64) as usize,
            settlement: name(self.chance.below(SETTLEMENTS), "ово"),
            street: name(1_000 + self.chance.below(STREETS), "ская"),
            house: 1 + self.chance.below(HOUSES),
            own: std::array::from_fn(|_| self.rare_word()),
        };
        if self.troubles.len() == 2 * TROUBLES_OPEN {
            self.troubles.drain(..TROUBLES_OPEN);
        }
        self.troubles.push(trouble.clone());
        trouble
    }

    fn written(&mut self) -> (String, Finding) {
        let trouble = self.trouble();
        let (group, topic, ways) = MATTERS[trouble.matter];
        let (opening, ending) = (self.chance.one_of(&OPENINGS), self.chance.one_of(&ENDINGS));
        let mut text = format!("{opening} ");
        let mut place = Place { certainty: 0.9, ..Place::default() };
        let begins = text.len() as u32;
        // One in seven names no place, one in three no house.
        if self.chance.below(7) != 0 {
            text.push_str(&format!("{}, ул. {}", trouble.settlement, trouble.street));
            place.settlement = Some(trouble.settlement.clone());
            place.street = Some(trouble.street.clone());
            if self.chance.below(3) != 0 {
                text.push_str(&format!(", {}", trouble.house));
                place.house = Some(trouble.house.to_string());
            }
            place.spans = vec![Span { start: begins, end: text.len() as u32 }];
            text.push_str(": ");
        }
        text.push_str(self.chance.one_of(&ways));
        for own in &trouble.own {
            if self.chance.below(3) != 0 {
                text.push(' ');
                text.push_str(own);
            }
        }
        text.push('.');
        for _ in 0..4 + self.chance.below(22) {
            text.push(' ');
            text.push_str(&self.word());
        }
        text.push_str(". ");
        text.push_str(ending);
        let places = if place.spans.is_empty() { Vec::new() } else { vec![place] };
        (text, finding(group, topic, places))
    }

    fn answered(&mut self) -> Option<(StoredPost, Finding)> {
        if self.latest.is_empty() {
            return None;
        }
        let which = self.chance.below(self.latest.len() as u64) as usize;
        self.latest.get(which).cloned()
    }

    /// Passed on word for word, or answered, or new.
    fn post(&mut self, key: PostKey, at: Timestamp) -> (Post, Finding) {
        match (self.chance.below(100), self.answered()) {
            (0..5, Some((earlier, finding))) => {
                let mut post = Post::of_text(key, earlier.post.text, at);
                post.is_repost_of = Some(earlier.post.key);
                (post, finding)
            }
            (5..12, Some((earlier, _))) => {
                let (text, finding) = self.written();
                let mut post = Post::of_text(key, text, at);
                post.key.network = earlier.post.key.network;
                post.thread_id = Some(earlier.post.key.native_id.clone());
                post.parent_id = Some(earlier.post.key.native_id);
                (post, finding)
            }
            _ => {
                let (text, finding) = self.written();
                (Post::of_text(key, text, at), finding)
            }
        }
    }
}

impl Iterator for Complaints {
    type Item = (StoredPost, Finding);

    fn next(&mut self) -> Option<(StoredPost, Finding)> {
        self.number += 1;
        let network = Network(self.chance.one_of(&NETWORKS).to_owned());
        let key = PostKey { network, native_id: self.number.to_string() };
        let at = Timestamp::from_millisecond(FIRST_MS + self.number as i64 * STEP_MS).ok()?;
        let (mut post, finding) = self.post(key, at);
        post.author_id = Some(format!("u{}", self.chance.below(AUTHORS)));
        let stored = StoredPost { position: Position(self.number), first_seen_at: at, post };
        if self.latest.len() < ANSWERED {
            self.latest.push((stored.clone(), finding.clone()));
        } else {
            let at = self.number as usize % ANSWERED;
            self.latest[at] = (stored.clone(), finding.clone());
        }
        Some((stored, finding))
    }
}

fn finding(group: &str, topic: &str, places: Vec<Place>) -> Finding {
    Finding {
        verdict: Verdict::Matched,
        lang: "ru".to_owned(),
        topics: vec![TopicMatch {
            topic: TopicId(format!("{group}.{topic}")),
            group: group.to_owned(),
            score: 0.9,
            evidence: Vec::new(),
            learned: None,
        }],
        topic_origin: TopicOrigin::default(),
        matters: Vec::new(),
        signals: Vec::new(),
        marks: Vec::new(),
        complaint_score: 1.0,
        concreteness: 0.7,
        kind: None,
        places,
        risks: Vec::new(),
        importance: 3,
        specificity: 0.5,
    }
}

/// The word of a rank: the longer, the rarer.
fn word(rank: u64) -> String {
    let mut left = (rank.wrapping_mul(0x9e37_79b9) % (1 << 24)) ^ rank;
    let mut word = String::new();
    for _ in 0..3 + rank.ilog2() / 7 {
        word.push_str(SYLLABLES[(left % 32) as usize]);
        left /= 32;
    }
    word.push_str(WORD_ENDINGS[(rank % 8) as usize]);
    word
}

fn name(number: u64, ending: &str) -> String {
    let word = word(number * 131 + 7);
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}{ending}", first.unwrap_or_default(), letters.take(6).collect::<String>())
}
