//! What the languages are told by: letters that Russian lacks, small words in
//! normal form (е for ё), Russian endings. Knows nothing of texts.

/// A Cyrillic language beside Russian.
pub(super) struct Cyrillic {
    pub code: &'static str,
    /// Letters that Russian lacks.
    pub letters: &'static str,
    /// Russian letters that it does without.
    pub lacks: &'static str,
    /// Of languages with the letters found it is the one: the others would have
    /// shown letters of their own.
    pub wins_ties: bool,
    /// Of words of five letters or more.
    pub endings: &'static [&'static str],
    pub words: &'static str,
}

/// Russian and the others, with room.
pub(super) const LANGUAGES_MAX: usize = 24;
const _: () = assert!(CYRILLIC.len() < LANGUAGES_MAX);

#[rustfmt::skip]
pub(super) const CYRILLIC: [Cyrillic; 19] = [
    Cyrillic { code: "uk", letters: "іїєґ", lacks: "ыэъ", wins_ties: true, endings: &[], words: "і та й що це цей ця від але ми ви чи щоб вже немає нема дуже коли його її як біля бо ще треба буде з де хто чому який яка які під після або тільки зараз знову сьогодні вчора вулиці вулиця будинок будинку світла світло просимо робити дорозі для без на не у в за до нас вас так там" },
    Cyrillic { code: "be", letters: "іў", lacks: "ищъ", wins_ties: false, endings: &[], words: "і што гэта гэты сення учора дзеці весцы ад але мы есць няма вельмі калі яго яе дзе як ці каб ужо толькі вуліцы вуліца шмат яны яна будзе зноў чаму дзень вады вада святла людзі трэці просім рабіць пасля з пад зараз таксама дарога дарозе каля двары холадна для без на не у за да нас вас так там" },
    Cyrillic { code: "tt", letters: "әөүҗңһ", lacks: "", wins_ties: true, endings: &["лар", "лары", "ларга", "лады", "чылык", "лгән", "ләр"], words: "һәм белән бу өчен юк дип да дә бер безнең урам урамда юл юлда су бар түгел инде кирәк ничек кайчан нигә авыл авылда шәһәр көн ул без сез шул хәзер бик әле генә зур янында килә ут" },
    Cyrillic { code: "kk", letters: "әғқңөұүһі", lacks: "", wins_ties: true, endings: &["лар", "мыз", "сыз", "ңыз"], words: "және мен бар бұл үшін жоқ бір де да екі осы емес болып болды жол су жарық көше көшеде үй үйде біз сіз не деп қашан керек кейін дейін туралы ауыл ауылда бойы мектеп өте нашар тұр" },
    Cyrillic { code: "ba", letters: "әөүҙҡҫңғһ", lacks: "", wins_ties: false, endings: &["лар", "лары", "ҙар", "тар"], words: "һәм менән был өсөн юҡ тип да дә бер беҙ беҙҙең урам урамда юл юлда һыу бар түгел инде кәрәк ҡасан нисек ауыл ауылда ҡала көн ул һеҙ хәҙер бик әле ғына ҙур янында килә ут эттәр" },
    Cyrillic { code: "cv", letters: "ӑӗҫӳăĕçÿ", lacks: "", wins_ties: false, endings: &[], words: "тата пур мар çук ҫук эпир эсир вӑл ку урам урамра шыв пирӗн пирĕн сирӗн кун мӗн ӗнтӗ кирлӗ хула ял ялта тесе валли ҫинче çинче ҫине çине чухне те унта кунта пӗр хӑҫан килет" },
    Cyrillic { code: "sah", letters: "ҕҥөһү", lacks: "", wins_ties: true, endings: &["лыбыт", "баттар", "батах", "тыбыт", "лар", "тар"], words: "уонна бу да суох баар биһиги эһиги ол күн дьон уу суол суолга суолу диэн буолла буолбут наада тоҕо хаһан туох манна онно эмиэ олус улахан аттыгар кэлэр тымныы ыттар уот" },
    Cyrillic { code: "ky", letters: "ңөү", lacks: "", wins_ties: false, endings: &[], words: "менен жана жок бар эмес үчүн бул биз эле керек качан суу жол көчө көчөдө бир деп" },
    Cyrillic { code: "tg", letters: "ғӣқӯҳҷ", lacks: "", wins_ties: false, endings: &[], words: "ва дар аз ба ки ин барои нест аст мо шумо об кай чӣ" },
    Cyrillic { code: "uz", letters: "ўқғҳ", lacks: "", wins_ties: false, endings: &[], words: "ва билан учун бу йўқ бор эмас керак қачон сув биз сиз бир деб" },
    Cyrillic { code: "udm", letters: "ӝӟӥӧӵ", lacks: "", wins_ties: false, endings: &[], words: "но вань овӧл бен ми тон мон озьы" },
    Cyrillic { code: "mhr", letters: "ҥӧӱ", lacks: "", wins_ties: false, endings: &[], words: "да уке уло огыл нине кузе кунам ме те" },
    Cyrillic { code: "kv", letters: "іӧ", lacks: "", wins_ties: false, endings: &[], words: "да абу эм ми ті кыдзи кор коді выль" },
    Cyrillic { code: "os", letters: "ӕ", lacks: "", wins_ties: false, endings: &[], words: "ӕмӕ у нӕ мах сымах куы цы дӕр ис" },
    Cyrillic { code: "bua", letters: "өүһ", lacks: "", wins_ties: false, endings: &[], words: "ба үгы байна болоо энэ тэрэ хэзээ гээд манай танай" },
    Cyrillic { code: "bg", letters: "", lacks: "ыэ", wins_ties: false, endings: &[], words: "се че ще няма са си това който която вече никой кога ли да и на не за в от до как няколко още улицата" },
    Cyrillic { code: "sr", letters: "ђјљњћџ", lacks: "йщъыьэюя", wins_ties: false, endings: &[], words: "је су није али што се да и на не за у од до има нема" },
    Cyrillic { code: "mk", letters: "ѓќѕјљњџ", lacks: "йщъыьэюя", wins_ties: false, endings: &[], words: "се не на и за во од што ние имаме со нема има ми" },
    Cyrillic { code: "mn", letters: "өү", lacks: "", wins_ties: false, endings: &[], words: "нь байна гэж энэ бид та юу хэзээ ба болон үгүй" },
];

pub(super) const RUSSIAN: &str = "\
    и я в во не на с со ли ул мой моя мое что чтобы по как это эта эти этот у за к ко от из так же бы для мы вы он она они все всё нет \
    или уже есть до то но а о об при когда где нас вас нам вам еще только очень если там тут кто ни без под над мне \
    меня его ее их после почему сколько куда откуда был была были было будет будут может можно надо нужно сейчас опять \
    снова просто даже вот ну да себя свой нашем нашей наш наша наши ваш сегодня вчера завтра третий второй день дня \
    дней неделю месяц год лет свет света воды вода тепла дом дома доме дому двор дворе улице улица улицы город городе \
    дорога дороги дорогу дороге школа школы школе доллар доллары долларов работает горят снег люди дети добрый здравствуйте пожалуйста";

#[rustfmt::skip]
pub(super) const RUSSIAN_ENDINGS: [&str; 46] = [
    "ть", "ться", "тся", "ого", "его", "ому", "ых", "их", "ые", "ие", "ый", "ий", "ой", "ая", "яя", "ое", "ют", "ят",
    "ли", "ла", "ло", "ал", "ил", "ел", "ов", "ами", "ение", "ения", "ость", "ите", "ает", "ует", "щие", "или", "ей",
    "ом", "ах", "ях", "ую", "ия", "ии", "ние", "ки", "ку", "ство", "ств",
];

#[rustfmt::skip]
pub(super) const ENGLISH: [&str; 40] = [
    "the", "is", "are", "was", "were", "of", "and", "to", "in", "for", "has", "have", "been", "with", "our", "we",
    "you", "this", "that", "there", "not", "it", "on", "at", "from", "no", "will", "when", "why", "please", "my",
    "they", "does", "since", "again", "near", "street", "water", "here", "nobody",
];
