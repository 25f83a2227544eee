//! Posts without end: what people of a region write, a fifth of it complaints,
//! several of them about the same thing. The same seed gives the same posts.

use otklik::model::post::{Counts, Network, Post, PostKey};
use otklik::model::time::Timestamp;

use super::chance::Chance;

/// One post in so many is a complaint.
const COMPLAINT_EVERY: u64 = 5;
/// Troubles that people write about at the same time.
const TROUBLES_OPEN: usize = 120;
/// A complaint is about a trouble that is already known, two times in three.
const KNOWN_OF_THREE: u64 = 2;

const NETWORKS: [&str; 5] = ["vk", "telegram", "ok", "rss", "mastodon"];

/// What is wrong: how different people say it.
const TROUBLES: [&[&str]; 10] = [
    &[
        "не горят фонари",
        "фонари не работают",
        "нет освещения, темно",
        "уличное освещение не работает",
    ],
    &[
        "огромная яма на дороге",
        "глубокая выбоина, яма на яме",
        "дорога вся в ямах",
        "асфальт провалился, яма",
    ],
    &[
        "нет отопления, батареи холодные",
        "батареи ледяные, отопления нет",
        "не топят, дома холодно",
    ],
    &["нет горячей воды", "горячую воду отключили и не включают", "который день без горячей воды"],
    &[
        "не вывозят мусор, баки переполнены",
        "мусор не вывозили неделю",
        "контейнеры переполнены, мусор кругом",
    ],
    &["не чистят снег", "снег не убирают, не пройти", "двор завалило снегом и никто не чистит"],
    &[
        "прорвало трубу, вода течёт по дороге",
        "прорыв водопровода, всё залило",
        "течёт вода из-под земли, прорвало трубу",
    ],
    &["течёт крыша", "крыша протекает, заливает квартиры", "с потолка льёт, крыша течёт"],
    &["не работает лифт", "лифт стоит и не работает", "лифт сломан и не работает неделю"],
    &[
        "гололёд, не посыпают",
        "сплошной лёд на тротуаре, никто не посыпает",
        "тротуары во льду, не посыпаны",
    ],
];

const STREETS: [&str; 16] = [
    "Ленина",
    "Мира",
    "Герцена",
    "Октябрьская",
    "Чернышевского",
    "Гагарина",
    "Пушкинская",
    "Северная",
    "Конева",
    "Победы",
    "Горького",
    "Комсомольская",
    "Первомайская",
    "Советская",
    "Набережная",
    "Воркутинская",
];

const SETTLEMENTS: [&str; 6] =
    ["Вологда", "Череповец", "Сокол", "Великий Устюг", "Грязовец", "Шексна"];

const OPENINGS: [&str; 10] = [
    "Здравствуйте!",
    "Добрый день.",
    "Уважаемая администрация,",
    "Люди, подскажите, куда писать:",
    "Сколько можно терпеть!",
    "Опять то же самое:",
    "Обращаюсь второй раз:",
    "Соседи, кто ещё столкнулся?",
    "Прошу принять меры:",
    "Внимание властям:",
];

const DURATIONS: [&str; 8] = [
    "уже неделю",
    "третий день",
    "с самого понедельника",
    "второй месяц",
    "со вчерашнего вечера",
    "с начала ноября",
    "четвёртые сутки",
    "после выходных",
];

const ENDINGS: [&str; 10] = [
    "Когда это исправят?",
    "Звонили в диспетчерскую, толку никакого.",
    "Дети ходят в школу по темноте и грязи.",
    "Управляющая компания только обещает.",
    "Просим разобраться и сделать наконец!",
    "Никому нет до нас дела.",
    "Пожилым людям вообще из дома не выйти.",
    "Фото приложу в комментариях.",
    "На заявки не отвечают, трубку не берут.",
    "Очень просим помочь, сил больше нет.",
];

/// What is no complaint: beginning, middle and end of talk, adverts and news.
const TALK: [[&[&str]; 3]; 5] = [
    [
        &[
            "Доброе утро, друзья!",
            "Всем привет из солнечного дня!",
            "С праздником, дорогие земляки!",
            "Хороших всем выходных!",
        ],
        &[
            "Пусть этот день принесёт радость",
            "Желаем здоровья и тепла вашим семьям",
            "Пусть рядом будут близкие люди",
        ],
        &[
            "и улыбки.",
            "и хорошее настроение!",
            "а чай будет горячим.",
            "и всё задуманное сбудется.",
        ],
    ],
    [
        &[
            "Продам детскую коляску",
            "Продаю зимнюю резину на шестнадцать",
            "Отдам котят в добрые руки",
            "Продам свежий мёд со своей пасеки",
        ],
        &[
            "в отличном состоянии, цена договорная",
            "недорого, возможен обмен",
            "доставка по области, пишите в личные сообщения",
        ],
        &[
            "Звоните после шести.",
            "Торг у капота.",
            "Первому написавшему скидка.",
            "Подробности в профиле.",
        ],
    ],
    [
        &[
            "В областной библиотеке открылась выставка",
            "Наши спортсмены вернулись с медалями с турнира",
            "Театр готовит премьеру нового спектакля",
            "В музее прошла ночь народной музыки",
        ],
        &[
            "работы молодых художников можно увидеть до конца месяца",
            "зрители аплодировали стоя и долго не расходились",
            "организаторы благодарят участников и гостей",
        ],
        &["Вход свободный.", "Билеты в кассе.", "Фотоотчёт в альбоме.", "Приходите всей семьёй!"],
    ],
    [
        &[
            "Кто смотрел вчера матч?",
            "Посоветуйте хороший рецепт пирога с брусникой",
            "Ищу попутчиков на концерт",
            "Какую книгу почитать на выходных?",
        ],
        &[
            "второй тайм вышел лучше первого, вратарь просто герой",
            "у бабушки был секрет теста, но тетрадь потерялась",
            "хочется чего-то доброго и с хорошим концом",
        ],
        &["Делитесь мыслями!", "Заранее спасибо.", "Жду ответов.", "Интересно мнение каждого."],
    ],
    [
        &[
            "Спортивная школа объявляет набор",
            "Кружок робототехники приглашает ребят",
            "Хор ветеранов ждёт новых голосов",
            "Студия танца открывает группу для взрослых",
        ],
        &[
            "занятия по вечерам два раза в неделю, первое занятие пробное",
            "педагоги с большим опытом и любовью к делу",
            "в программе выступления и поездки по стране",
        ],
        &[
            "Запись по телефону.",
            "Будем рады всем!",
            "Количество мест ограничено.",
            "Подробнее на сайте.",
        ],
    ],
];

/// A post, and whether it was written as a complaint.
pub struct Generated {
    pub post: Post,
    pub is_complaint: bool,
}

pub struct Generator {
    chance: Chance,
    number: u64,
    troubles: Vec<Trouble>,
}

#[derive(Clone, Copy)]
struct Trouble {
    kind: usize,
    street: usize,
    settlement: usize,
    house: u64,
}

impl Generator {
    pub fn new(seed: u64) -> Generator {
        Generator { chance: Chance(seed), number: 0, troubles: Vec::new() }
    }

    fn trouble(&mut self) -> Trouble {
        let is_known = !self.troubles.is_empty() && self.chance.below(3) < KNOWN_OF_THREE;
        if is_known {
            let which = self.chance.below(self.troubles.len() as u64) as usize;
            return self.troubles[which];
        }
        let trouble = Trouble {
            kind: self.chance.below(TROUBLES.len() as u64) as usize,
            street: self.chance.below(STREETS.len() as u64) as usize,
            settlement: self.chance.below(SETTLEMENTS.len() as u64) as usize,
            house: 1 + self.chance.below(120),
        };
        if self.troubles.len() == TROUBLES_OPEN {
            self.troubles.remove(0);
        }
        self.troubles.push(trouble);
        trouble
    }

    fn complaint(&mut self) -> String {
        let trouble = self.trouble();
        let (street, house) = (STREETS[trouble.street], trouble.house);
        let settlement = SETTLEMENTS[trouble.settlement];
        let place = match self.chance.below(3) {
            0 => format!("{settlement}, улица {street}, дом {house}"),
            1 => format!("г. {settlement}, ул. {street}, {house}"),
            _ => format!("{settlement}, ул. {street} у дома {house}"),
        };
        let what = self.chance.one_of(TROUBLES[trouble.kind]);
        let opening = self.chance.one_of(&OPENINGS);
        let (since, end) = (self.chance.one_of(&DURATIONS), self.chance.one_of(&ENDINGS));
        match self.chance.below(3) {
            0 => format!("{opening} {place}: {what} {since}. {end}"),
            1 => format!("{opening} {since} {what}. Адрес: {place}. {end}"),
            _ => format!("{place}. {opening} {what}, {since}. {end}"),
        }
    }

    fn talk(&mut self) -> String {
        let kind = self.chance.below(TALK.len() as u64) as usize;
        let [first, middle, last] = TALK[kind];
        let (first, middle, last) =
            (self.chance.one_of(first), self.chance.one_of(middle), self.chance.one_of(last));
        let [again, ..] = TALK[kind];
        let again = self.chance.one_of(again);
        format!("{first} {middle} {last}\n{again} №{}", self.chance.below(10_000))
    }
}

impl Iterator for Generator {
    type Item = Generated;

    fn next(&mut self) -> Option<Generated> {
        self.number += 1;
        let is_complaint = self.chance.below(COMPLAINT_EVERY) == 0;
        let text = if is_complaint { self.complaint() } else { self.talk() };
        let network = self.chance.one_of(&NETWORKS);
        let author = self.chance.below(50_000);
        let post = Post {
            key: PostKey {
                network: Network(network.to_owned()),
                native_id: self.number.to_string(),
            },
            source: None,
            url: Some(format!("https://{network}.example/{}", self.number)),
            author_id: Some(format!("u{author}")),
            author_name: Some(format!("Житель {author}")),
            community: Some(format!("Соседи {}", author % 40)),
            text,
            published_at: at(self.number),
            edited_at: None,
            parent_id: None,
            thread_id: None,
            lang: None,
            geo: None,
            counts: Counts { views: Some(self.chance.below(5_000)), ..Counts::default() },
            media: Vec::new(),
            deleted: false,
            private: false,
            excerpt: false,
            guest: false,
            is_repost_of: None,
        };
        Some(Generated { post, is_complaint })
    }
}

/// Two posts a second from the first of November 2026 on.
fn at(number: u64) -> Timestamp {
    const FIRST_MS: i64 = 1_793_491_200_000;
    Timestamp::from_millisecond(FIRST_MS + number as i64 * 500).expect("within the calendar")
}
