# Тексты для людей. Ключи: область-предмет. В en.ftl те же ключи с теми же переменными.

## time: сроки и даты

time-under-a-minute = меньше минуты
time-minutes = { $count } мин
time-hours = { $count } ч
time-days = { $count } д
time-left = осталось { $span }
time-overdue = просрочен на { $span }
time-just-overdue = просрочен только что
time-ago = { $span } назад
time-date = { $day } { $month }
time-date-year = { $day } { $month } { $year } года
time-moment = { $date }, { $time }
month-1 = января
month-2 = февраля
month-3 = марта
month-4 = апреля
month-5 = мая
month-6 = июня
month-7 = июля
month-8 = августа
month-9 = сентября
month-10 = октября
month-11 = ноября
month-12 = декабря

## notice: письма и сообщения органам и людям

notice-subject-assigned = Новый инцидент № { $number }: { $topic }, { $place }
notice-subject-withdrawn = Инцидент № { $number } передан другому органу
notice-subject-reopened = Снова открыт инцидент № { $number }: { $topic }, { $place }
notice-subject-reminder = Напоминание: инцидент № { $number }, { $topic }, { $place }
notice-subject-escalation = Срок вышел: инцидент № { $number }, { $topic }, { $place }
notice-subject-service = «Отклик»: { $what }{ $count ->
    [one] {""}
   *[other] {" "}({ $count })
}
notice-subject-unreachable = Некому сообщить об инциденте № { $number }
notice-opening-assigned = Вам направлен инцидент: о нём пишут люди в социальных сетях.
notice-opening-withdrawn = Этот инцидент больше не за вами: его передали другому органу. Отвечать не нужно.
notice-opening-reopened = Закрытый инцидент открыт снова: вскоре после закрытия люди опять пишут о том же.
notice-opening-reminder = Инцидент ждёт вас, срок идёт.
notice-opening-escalation = Срок по инциденту вышел, а люди всё ещё ждут.
notice-opening-service = Часть того, что пишут люди, сейчас может быть не видна.
notice-service-what = Что случилось: { $what }, с { $since }
notice-service-more = и ещё { $count }
notice-opening-unreachable = Адрес получателя «{ $recipient }» неизвестен, уведомление ему не отправлено. Свяжитесь с ним сами и внесите его адрес.
notice-what = Что: { $topic }
notice-where = Где: { $place }
notice-body = Ответственный орган: { $body }
notice-due-take = Взять в работу до: { $due } ({ $left })
notice-due-first = Ответить до: { $due } ({ $left })
notice-due-final = Дать окончательный ответ до: { $due } ({ $left })
notice-people = { $posts ->
    [one] { $posts } сообщение
    [few] { $posts } сообщения
   *[many] { $posts } сообщений
} от { $authors ->
    [one] { $authors } автора
   *[many] { $authors } авторов
}
notice-link = Открыть: { $link }
notice-place-unknown = место не указано
notice-footer = Письмо составлено программой «Отклик», отвечать на него не нужно.

## query, search: язык поиска и то, что нашлось

query-too-long = Запрос слишком длинный.
query-too-many-parts = В запросе слишком много частей.
query-unknown-field = Поле «{ $field }» неизвестно. Есть тема, сеть, источник, район, автор, сообщество, с, по, id, вид.
query-no-value = После «{ $field }:» нужно значение.
query-unknown-value = Для поля «{ $field }» нет значения «{ $value }».
query-not-a-date = «{ $value }» не дата. Пишите 2026-11-30 или 30.11.2026.
query-unclosed-quote = Кавычка открыта и не закрыта.
query-nothing = В запросе нет ни одного слова.
search-found = Найдено: { $total }, показано: { $shown }
search-incident = инцидент № { $number }

## explain: почему сообщение там, где оно есть

explain-key-wanted = Нужен ключ сообщения: СЕТЬ:НОМЕР, например vk:-1_2
explain-no-post = Сообщения { $post } нет в базе.
explain-post = Сообщение { $post }
explain-read-again = Вывод о нём не хранится: прочитано заново по действующим правилам.
explain-verdict-matched = Взято как жалоба.
explain-verdict-matched-above = Взято: тема названа в записи, под которой оставлен комментарий.
explain-verdict-matched-general = Взято: дело конкретное, но его тему должен назвать человек.
explain-verdict-no-topic = Не взято: ни одна тема не набрала порога { $topic }, и на конкретное дело не похоже ({ $score } при пороге { $threshold }).
explain-kind = Вид: { $kind }. Конкретность { $concreteness }: за и против вместе { $score }, порог { $threshold }
explain-mark = Примета: { $mark }{ $gap }{ $words }, вес { $weight }
kind-complaint = жалоба
kind-question = вопрос
kind-gratitude = благодарность
kind-announcement = объявление или новость
kind-opinion = мнение
kind-other = прочее
mark-topic-named = тема названа прямо
mark-topic-hinted = на тему есть намёк
mark-address = назван адрес
mark-patronymic = обращение по имени-отчеству
mark-question = есть вопрос
mark-comment = это комментарий
mark-link = есть ссылка
mark-hashtag = есть хештег
mark-pictograph = начинается со значка, как заголовки каналов
mark-price = названы деньги или проценты
mark-foreign = большинство слов латиницей
mark-names = много имён и названий
mark-quotes = названия в кавычках
explain-verdict-not-a-complaint = Не взято: тема есть, но на жалобу не похоже ({ $score } при пороге { $threshold }).
explain-verdict-own-account = Не взято: это сообщение самого органа власти.
explain-verdict-empty = Не взято: в сообщении нечего читать.
explain-matter = Дело: { $topic }: { $words }
explain-topic = Тема: { $topic }, { $score }
explain-evidence = { $words } по правилу «{ $keyword }», вес { $weight }
explain-learned = По прежним решениям людей: уверенность { $certainty }
explain-learned-word = { $words }: { $weight }
explain-signal = Признак ({ $kind }): { $words }, вес { $weight }
explain-place = Место: { $place }. Основание: { $because } { $words }, уверенность { $certainty }
explain-coordinates = Координаты ({ $of }): { $line }
place-part-settlement = населённый пункт
place-part-street = улица
place-part-object = объект
explain-no-place = Место: не названо
explain-risk = Риск: { $risk }, { $words }, важность +{ $raises }
explain-weight = Важность { $importance } из 5, подробность { $specificity }
explain-incident = Инцидент № { $number }: { $kind }, оценка { $score }
explain-considered = Сравнивалось с инцидентом № { $number }: { $score }, для присоединения нужно { $join }
explain-repeat = Повтор закрытого инцидента № { $number }: { $score } без учёта прошедшего времени, нужно { $wanted }
explain-hint = Связывает с инцидентом № { $number }: { $why } ({ $post }); со своим { $score }, с ним { $other }
explain-ended = Больше не здесь: решение { $action }
explain-not-grouped-yet = Инцидент ещё не выбран: сообщение ждёт очереди.
signal-complaint = жалоба
signal-question = вопрос
signal-advert = реклама
signal-news = новость
signal-greeting = поздравление
signal-gratitude = благодарность
signal-talk = разговор
signal-opinion = мнение
signal-manner = манера речи
because-street-with-house = улица с домом
because-street-with-kind = названа улица
because-street-named = похоже на улицу
because-unknown-street = улица, которой нет в справочнике
because-unknown-settlement = населённый пункт, которого нет в справочнике
because-house-alone = номер дома рядом с местом
because-home-address = адрес автора, место названо другое
because-settlement-named = назван населённый пункт
because-territory-named = назван район
because-object-named = назван объект
because-numbered-object = объект с номером
because-stop-named = названа остановка
because-post-above = названо в записи выше
because-source-territory = район источника
## learn: чему учат решения людей

learn-no-folder = Модель пишется в папку ключевых слов: укажите `keywords_dir` в настройках.
learn-too-few = Учиться не на чем: сообщений с решённой темой { $examples }, тем с числом примеров от { $least }: { $topics }, нужно не меньше двух.
learn-unknown = Темы «{ $topic }» нет в правилах, пропущено строк: { $rows }
learn-examples = Примеров { $examples }, выучено тем { $topics }, модель занимает { $kib } КиБ
learn-before = Только словари: верная тема первая в { $first } %, среди первых трёх в { $three } %
learn-after = С моделью: верная тема первая в { $first } %, среди первых трёх в { $three } % (каждое сообщение оценено моделью, которая его не видела)
learn-too-old = Оставлены в стороне самые старые решения: { $count }
learn-topic = { $topic }: примеров { $examples }, верно было { $before }, стало { $after }
learn-thin = { $topic }: примеров { $examples }, мало, остаётся словарям
learn-grouping-too-few = Учиться не на чем: нужно не меньше { $least } сообщений, у которых среди просмотренных людьми есть более раннее о том же.
learn-grouping-examples = Просмотренных людьми сообщений { $judged }, из них с более ранним о том же { $partners }
learn-grouping-before = Сейчас: верных среди присоединённых { $right } %, найдено { $found } %, верный инцидент среди пяти лучших в { $five } %
learn-grouping-after = С новыми весами: верных { $right } %, найдено { $found } %, среди пяти лучших в { $five } % (оценено по сообщениям, на которых веса не учились)
learn-grouping-not-judged = Для честной оценки новых весов примеров мало: решите сами по весам ниже.
learn-taken = Записано в { $what }. Работающая программа возьмёт выученное после перезагрузки правил.
learn-not-taken = Ничего не записано: чтобы взять выученное, повторите с --take.

## cli: ответы команд

cli-no-incident = Инцидента { $what } нет.
cli-no-post = Сообщения { $what } нет. Пишите СЕТЬ:НОМЕР.
cli-not-in-incident = Сообщения { $post } в инциденте { $number } нет.
cli-no-topic = Темы «{ $what }» нет.
cli-no-territory = Муниципалитета «{ $what }» нет.
cli-no-state = Состояния «{ $state }» нет. Есть { $known }.
cli-done = Сделано: решение { $number }
cli-refused = Отказано: { $what }
cli-incident = Инцидент № { $number }: { $title }
cli-family = Один и тот же текст: { $count }, первым { $post }, { $at }
cli-merge = Возможно, одно с инцидентом № { $number }: { $why } ({ $post }, сходство { $score } и { $other })
cli-perhaps-same = Возможно, то же, что инцидент № { $number } ({ $score })
cli-deadline = Инцидент № { $number }, сроки «{ $terms }», версия правил { $version }
cli-counted = засчитано { $secs } с
cli-replay = Инцидентов сейчас { $now }, по правилам { $ruleset } было бы { $then }
cli-replay-changes = тех же { $same }, объединено { $joined }, разделено { $split }, новых { $new }, исчезло { $gone }

## page: общее на всех страницах

product = Отклик
skip-to-content = К содержанию
nav-label = Разделы
nav-triage = Разбор
nav-tray = Мои инциденты
nav-drafts = На согласовании
nav-board = Обзор
nav-systemic = Системные проблемы
nav-incidents = Все инциденты
nav-search = Поиск
nav-sources = Источники
nav-deliveries = Недоставленное
nav-journal = Журнал
logout = Выйти
language-other = English
undo = Отменить
foot-rules = Правила: { $what }
csv = Скачать таблицей (CSV)
pager-label = Страницы
pager-shown = { $range } из { $total }
pager-previous = раньше
pager-next = дальше
error-title = Не получилось
error-code = Код { $count }
error-back = На главную

## login: вход

login-title = Вход
login-login = Логин
login-password = Пароль
login-enter = Войти
login-wrong = Логин или пароль не подходят.
login-locked = Слишком много неудачных попыток. Вход закрыт на 15 минут, потом попробуйте снова.

## failure: почему не получилось

failure-login-needed = Сначала войдите.
failure-not-found = Такой страницы нет или она вам недоступна.
failure-forbidden = На это у вас нет прав.
failure-forged = Форма устарела. Обновите страницу и попробуйте ещё раз.
failure-too-large = Слишком большой запрос.
failure-pending = Решение сохранено и скоро будет применено. Обновите страницу чуть позже.
failure-busy = Система занята. Попробуйте через минуту.
failure-broken = Что-то сломалось у нас. Мы видим это в журнале ошибок.

## refusal: почему решение не принято

refusal-already-answered = Ответ уже дан.
refusal-already-approved = Ответ уже согласован.
refusal-already-assigned = Инцидент уже принят.
refusal-already-closed = Инцидент закрыт.
refusal-already-in-work = Инцидент уже в работе.
refusal-already-published = Ответ уже опубликован.
refusal-close-needs-a-reason = Ответа людям ещё не было: напишите, почему закрываете.
refusal-empty-answer = Ответ пустой.
refusal-interim-needs-a-date = Для промежуточного ответа нужна дата.
refusal-later-actions-first = Сначала отмените то, что сделано позже.
refusal-no-posts = Не выбрано ни одного сообщения.
refusal-no-such-action = Такого действия нет.
refusal-no-such-answer = Такого ответа нет.
refusal-no-such-body = Такого органа нет.
refusal-no-such-incident = Такого инцидента нет.
refusal-no-such-territory = Такого муниципалитета нет.
refusal-no-such-topic = Такой темы нет.
refusal-not-approved = Ответ ещё не согласован.
refusal-not-closed = Инцидент не закрыт.
refusal-not-yet-assigned = Инцидент ещё не принят.
refusal-nothing-to-undo = Отменять нечего.
refusal-nothing-would-stay = В инциденте должно остаться хотя бы одно сообщение.
refusal-split-of-all = В инциденте должно остаться хотя бы одно сообщение.
refusal-own-draft = Свой ответ согласовать нельзя: нужен второй человек.
refusal-part-of-another = Инцидент объединён с другим.
refusal-posts-of-another = Эти сообщения уже в другом инциденте.
refusal-same-incident = Это один и тот же инцидент.

## done: что только что сделано

done-accept = Инцидент № { $number } принят и направлен.
done-assign = Инцидент № { $number } направлен.
done-not-mine = Инцидент № { $number } возвращён на разбор.
done-take = Инцидент № { $number } взят в работу.
done-correct = Инцидент № { $number } исправлен.
done-join = К инциденту № { $number } присоединён другой.
done-not-same = Запомнили: с инцидентом № { $number } это не одно и то же.
done-keep-together = Запомнили: сообщения инцидента № { $number } – об одном.
done-split = Из инцидента № { $number } выделен новый.
done-drop = Инцидент № { $number } отклонён.
done-answer = Ответ по инциденту № { $number } отправлен на согласование.
done-approve = Ответ по инциденту № { $number } согласован.
done-adopt = Ответ органа по инциденту № { $number } принят.
done-publish = Ответ по инциденту № { $number } отмечен опубликованным.
done-close = Инцидент № { $number } закрыт.
done-reopen = Инцидент № { $number } снова открыт.
done-undo = Отменено. Инцидент № { $number } снова такой, как был.
done-password = Пароль изменён. На других устройствах нужно войти заново.
done-source = Готово.
done-reload = Правила перечитаны.
done-delivery = Отмечено.

## role, risk, state, scale, outcome, drop: значения

role-administrator = администратор региона
role-coordinator = координатор
role-official = исполнитель
role-approver = согласующий
role-analyst = аналитик
role-oversight = надзор
role-system = системный администратор
risk-1 = незначительно
risk-2 = терпит
risk-3 = важно
risk-4 = срочно
risk-5 = угроза людям
state-new = новый
state-assigned = направлен
state-in-work = в работе
state-answered-interim = дан промежуточный ответ
state-answered-final = ответ дан
state-closed = закрыт
state-joined = объединён с другим
scale-local = местный
scale-municipal = муниципальный
scale-regional = региональный
outcome-solved = решено
outcome-explained = разъяснено
outcome-deferred = отложено
outcome-rejected = отклонено
drop-no-problem = проблемы нет
drop-other-region = другой регион
drop-advert = реклама
drop-old = старая история
drop-no-place = неясно, где и что
drop-private-dispute = частный спор
drop-joke = шутка или вымысел
network-vk = ВКонтакте
network-ok = Одноклассники
network-telegram = Telegram
network-rss = Новости
network-youtube = YouTube
network-mastodon = Mastodon
network-dzen = Дзен
network-rutube = Rutube
network-max = MAX
network-lemmy = Lemmy
network-bluesky = Bluesky
network-discourse = Форум
network-facebook = Facebook
network-instagram = Instagram
network-x = X
network-web = Сайты
network-reddit = Reddit
network-livejournal = Живой Журнал
media-photo = фото
media-video = видео
media-document = документ
media-audio = аудио
media-poll = опрос
media-link = ссылка
media-other = вложение
order-urgency = по срочности
order-newest = сначала новые
order-due = по сроку
order-number = по номеру

## view: готовые списки

view-new = Новые
view-suggested = Возможно, одно и то же
view-near = Срок близко
view-overdue = Просрочены
view-returned = Возвращены
view-open = Все открытые
view-waiting = Ждут окончательного ответа
view-closed = Закрытые
view-all = Все

## term, length: сроки

term-until = { $span }, до { $until }
term-was-until = { $span }, был до { $until }
length-hours = { $count ->
    [one] { $count } час
    [few] { $count } часа
   *[many] { $count } часов
}
length-working-hours = { $count ->
    [one] { $count } рабочий час
    [few] { $count } рабочих часа
   *[many] { $count } рабочих часов
}
length-working-minutes = { $count } мин рабочего времени
length-working-days = { $count ->
    [one] { $count } рабочий день
    [few] { $count } рабочих дня
   *[many] { $count } рабочих дней
}

## row: инцидент в списке

row-authors = { $count ->
    [one] { $count } автор
    [few] { $count } автора
   *[many] { $count } авторов
}
row-posts = { $count ->
    [one] { $count } сообщение
    [few] { $count } сообщения
   *[many] { $count } сообщений
}
row-copies = { $count ->
    [one] { $count } копия
    [few] { $count } копии
   *[many] { $count } копий
}
row-campaign = один текст
campaign-hours = за { $count } ч
row-growth = +{ $count } за час
row-repeat-of = повтор
row-returned = вернули: «не моё»
row-parted = похоже на два
row-suggestions = { $count ->
    [one] похож на { $count } другой
   *[many] похож на { $count } других
}
place-unknown = место неизвестно
topic-unknown = тема не определена
author-unknown = автор неизвестен
author-number = автор { $count }
count-views = { $count ->
    [one] { $count } просмотр
    [few] { $count } просмотра
   *[many] { $count } просмотров
}
count-likes = { $count ->
    [one] { $count } отметка
    [few] { $count } отметки
   *[many] { $count } отметок
}
count-reposts = { $count ->
    [one] { $count } репост
    [few] { $count } репоста
   *[many] { $count } репостов
}
count-comments = { $count ->
    [one] { $count } комментарий
    [few] { $count } комментария
   *[many] { $count } комментариев
}

## triage: разбор

triage-views = Списки
triage-rows = Инциденты
triage-preview = Выбранный инцидент
triage-find = Найти в списке
triage-by-urgency = Сначала срочные
triage-by-newest = Сначала новые
triage-newer = { $count ->
    [one] { $count } новый. Показать: клавиша «.»
    [few] { $count } новых. Показать: клавиша «.»
   *[many] { $count } новых. Показать: клавиша «.»
}
triage-empty = Здесь пусто: всё разобрано.
triage-empty-more = Новые инциденты появятся сами.

## field, act: поля и кнопки

field-topic = Тема
field-territory = Муниципалитет
field-place = Место
field-body = Ответственный орган
field-scale = Уровень
field-people = Кто пишет
field-opened = Открыт
field-official = Исполнитель
field-whose = Чьё это?
field-note = Пояснение
field-number = Номер другого инцидента
field-outcome = Итог
field-close-reason = Пояснение (нужно, если людям ещё не отвечали)
field-answer = Ответ людям
field-answer-url = Ссылка на опубликованный ответ
field-kind = Какой это ответ
field-until = Дата окончательного ответа
body-by-route = как предложено
route-only-root = Маршрут не найден, проверьте
route-why = Почему этот орган
official-any = любой сотрудник органа
whose-unknown = не знаю
act-accept = Принять
act-correct = Исправить
act-drop = Отклонить…
act-join = Объединить
act-join-other = Объединить с другим…
act-not-same = Не одно и то же
act-split-proposed = Разделить
act-keep-together = Оставить вместе
act-split = Выделить отмеченные
act-take = Взять в работу
act-not-mine = Не моё…
act-return = Вернуть на разбор
act-assign = Направить другому…
act-assign-do = Направить
act-answer = Ответить
act-draft = На согласование
act-approve = Согласовать
act-adopt = Принять как ответ
act-publish = Опубликовано
act-close = Закрыть…
act-close-do = Закрыть
act-reopen = Открыть снова

## card: карточка инцидента

card-acts = Что сделать
card-answers = Ответы
card-suggestions = Возможно, одно и то же
card-similar = Похожие в прошлом
similar-answer = Что ответили людям
similar-answer-of = Ответ по инциденту
card-posts = Сообщения
card-posts-left = Показаны первые; ещё { $count }.
card-all-posts = Все сообщения
card-clocks = Сроки
card-deliveries = Уведомления
card-history = История
card-joined-into = Этот инцидент объединён с
card-reopened = Открыт снова { $when }: { $why }. Был закрыт: { $end }.
reopened-why = такое же сообщение через { $after } после закрытия (срок темы «{ $topic }»: { $within })
post-opened-again = Открыло закрытый инцидент снова: { $what }
post-kept-apart = Похоже на другой инцидент, но отдельно: { $what }
card-repeat-of = Повтор закрытого инцидента
card-repeat-why = Почему повтор
card-systemic =
    { $count ->
        [2] Второй раз за сезон:
        [3] Третий раз за сезон:
        [4] Четвёртый раз за сезон:
        [5] Пятый раз за сезон:
        [6] Шестой раз за сезон:
       *[other] { $count }-й раз за сезон:
    }
card-systemic-before = Было системной проблемой, раньше:
card-systemic-later = Потом повторилось:
card-systemic-list = системная проблема
card-parting = Возможно, это два инцидента:
parted-by-settlement = разные населённые пункты
parted-by-street = разные улицы
parted-by-house = разные дома
parted-by-object = разные объекты
parted-by-matter = разные дела
card-campaign = Похоже на кампанию, один текст:
card-campaign-note = Срок и место в списке от этого не меняются.
card-family = Один и тот же текст:
card-family-first = первым
card-likeness = сходство { $count } %
card-this-one = Этот инцидент
card-that-one = Похожий инцидент
join-moves-deadline = Срок первого ответа сдвинется: { $what }
join-keeps-deadline = Срок не изменится
split-tick = Отметить сообщение
split-hint = Отмеченные сообщения станут отдельным инцидентом.
post-open = открыть в сети
post-private = Личное сообщение сообществу, а не публичный пост: его не цитируют и не пересылают. Текст видят только те, кому он нужен для работы.
post-deleted = Сообщение удалено в сети. Текст видят только те, кому он нужен для работы.
post-seen-deleted = Удалено, мы увидели это { $what }
post-seen-changed = Изменено, мы увидели это { $what }
post-why = Почему здесь
post-language = Язык: { $what }
post-language-ru = русский
post-language-uk = украинский
post-language-be = белорусский
post-language-tt = татарский
post-language-kk = казахский
post-language-ba = башкирский
post-language-cv = чувашский
post-language-sah = якутский
post-language-ky = киргизский
post-language-tg = таджикский
post-language-uz = узбекский
post-language-udm = удмуртский
post-language-mhr = марийский
post-language-kv = коми
post-language-os = осетинский
post-language-bua = бурятский
post-language-mn = монгольский
post-language-bg = болгарский
post-language-sr = сербский
post-language-mk = македонский
post-language-en = английский
post-language-de = немецкий
post-language-fi = финский или близкий к нему
post-language-tr = турецкий
post-language-zh = китайский
post-language-fr = французский
post-language-es = испанский
post-language-it = итальянский
post-language-pt = португальский
post-language-pl = польский
post-language-et = эстонский
post-language-lt = литовский
post-language-lv = латышский
post-language-az = азербайджанский
post-language-hy = армянский
post-language-ka = грузинский
post-language-ja = японский
post-language-ko = корейский
post-language-ar = арабский
post-language-he = иврит
post-language-hi = хинди
post-language-vi = вьетнамский
post-language-und-cyrl = другой, кириллица
post-language-und = не определён
post-matters = В сообщении несколько дел
post-keywords = Сработавшие слова
post-kind = { $kind }, конкретность { $percent } %
post-learned = Слова, по которым тема выбрана среди прочих
apart-place = другое место
apart-matter = другая беда
apart-vague = сказано слишком мало
apart-rival = так же похоже и на ещё один
hint-bridge = сообщение подходит к обоим
hint-appeal = сообщение называет обращение другого
hint-link = сообщение ссылается на другой
reason-founded = с него начался инцидент
reason-family = почти дословная копия
reason-joined = похоже на другие сообщения
reason-thread = ответ в той же ветке
reason-area = часть события во всей округе
reason-merged = два инцидента объединены: сообщение подходит к обоим
reason-person-joined = присоединил человек
reason-person-split = выделил человек
part-same-street-and-house = тот же дом
part-other-house = другой дом
part-near-house = соседний дом
part-same-street = та же улица
part-other-street = другая улица
part-same-object = тот же объект
part-other-object = другой объект
part-same-settlement = тот же населённый пункт
part-other-settlement = другой населённый пункт
part-no-place = место не названо
part-shared-names = общие названия
part-rare-name = редкое название
part-shared-words = общие слова
part-matter-words = общие слова о самой беде
part-rare-words = общие редкие слова
part-word-pairs = общие словосочетания
part-near-copy = почти копия
part-place-and-matter = совпали и место, и беда
part-same-topic = та же тема
part-same-group = близкая тема
part-other-topic = другая тема
part-same-author = тот же автор
part-same-thread = та же ветка обсуждения
part-same-attachment = одно и то же вложение
part-continues = продолжает начатое
part-time-apart = разница во времени
part-others-agree = похоже и на остальные сообщения
part-crowded = много похожих инцидентов рядом
part-clear-best = явно ближе остальных
part-lead-words = похоже начинаются
part-length = достаточно подробно
part-words-stand-out = общих слов больше, чем с другими
part-matter-stands-out = о беде сказано похоже, как ни с чем другим
part-lead-stands-out = начинаются похоже, как ни с чем другим
part-pairs-stand-out = общих словосочетаний больше, чем с другими
part-told = здесь об этом уже говорили
part-told-stands-out = здесь об этом уже говорили больше, чем где-либо ещё
part-names-told = названное здесь уже звучало
part-several-tell = о том же говорят несколько его сообщений
part-same-appeal = названо одно и то же обращение
part-area-places = на разных улицах
part-area-burst = сообщений за несколько часов / обычно
part-base = исходная осторожность

## clock, span: сроки с объяснением

clock-take = Взять в работу
clock-first-answer = Первый ответ
clock-final-answer = Окончательный ответ
clock-until = до { $what }
clock-why = Почему этот срок
clock-from = Отсчёт с { $what }, срок
clock-promised = Дата, которую назвали людям в промежуточном ответе.
clock-in-time = дан вовремя, { $what }
clock-too-late = дан с опозданием, { $what }
span-from = С
span-to = По
span-what = Что это
span-counted = Засчитано
span-elapsed = идёт подряд
span-working = рабочее время
span-working-unlisted-year = рабочее время (праздники этого года не внесены)
span-night = нерабочие часы
span-break = перерыв
span-weekend = выходной
span-holiday = праздник
span-start-day = день начала не считается
span-paused = пауза

## answer: ответы

answer-interim = промежуточный ответ
answer-final = окончательный ответ
answer-interim-until = промежуточный, окончательный дадим до
answer-until = окончательный до { $what }
answer-approved = Согласовано: { $what }
answer-published = Опубликовано { $what }
answer-waits-approval = Ждёт согласования вторым человеком.
answer-waits-publication = Согласовано, ждёт публикации.
answer-seen = Замечен ответ
answer-seen-under = В ответ на сообщение
answer-seen-hint = Этот текст уже опубликован органом. Срок остановится, когда ответ примут.
answer-seen-waits = Срок идёт, пока ответ не примет тот, кто публикует ответы.
answer-templates = Заготовки
answer-hint = Ответ увидят люди только после согласования и публикации.
answer-template-work = Здравствуйте! Сообщение получили: { $what }. Работы назначены на [дата]. О результате напишем здесь же.
answer-template-done = Здравствуйте! Вопрос решён: { $what }. Что сделано: [работы, дата]. Спасибо, что написали.
answer-template-other = Здравствуйте! По вопросу «{ $what }» выехал специалист. Окончательный ответ дадим до [дата].

## notice-kind, send, recipient: уведомления

notice-kind-assigned = направление
notice-kind-withdrawn = отзыв
notice-kind-reopened = открыт снова
notice-kind-reminder = напоминание
notice-kind-escalation = срок вышел
notice-kind-service = о чтении источников
notice-kind-unreachable = адрес неизвестен
send-waiting = ждёт отправки
send-sent = отправлено
send-stuck = не доставлено
send-acknowledged = разобрано человеком
recipient-body = орган
recipient-coordinator = координатору
recipient-head = руководителю
recipient-person = сотруднику
recipient-administrator = администратору
recipient-oversight = надзору
deliveries-stuck = Не доставлено
deliveries-waiting = Ждёт отправки
deliveries-none = Всё доставлено.
deliveries-note = Что вы сделали вместо этого
deliveries-acknowledge = Разобрано
deliveries-attempts = { $count ->
    [one] { $count } попытка
    [few] { $count } попытки
   *[many] { $count } попыток
}
note-needed = напишите, что сделано

## history, journal: история и журнал

history-opened = инцидент открыт
history-by-a-post = сообщение людей
history-undone = (отменено)
history-accept = принят
history-assign = направлен
history-not-mine = возвращён: «не моё»
history-take = взят в работу
history-correct = исправлен
history-join = объединён
history-keep-together = «оставить вместе»
history-merge = объединён автоматически
history-by-the-program = Отклик
history-split = выделен отдельный инцидент
history-not-same = «не одно и то же»
history-drop = отклонён
history-draft = составлен ответ
history-approve = ответ согласован
history-adopt = замеченный ответ принят
history-publish = ответ опубликован
history-close = закрыт
history-reopen = открыт снова
history-undo = действие отменено
history-login = вход
history-login-failed = неудачный вход
history-logout = выход
history-password = смена пароля
history-language = выбор языка
history-export = выгрузка
history-user-add = заведена учётная запись
history-user-password = смена пароля из командной строки
history-user-disable = учётная запись отключена
history-alarm = тревога о чтении
history-alarm-end = тревога прошла
history-unreachable = некому сообщить
history-read-personal = просмотр имён авторов
history-source-pause = источник остановлен
history-source-resume = источник запущен
history-reload = правила перечитаны
history-acknowledge-notice = недоставленное разобрано
history-breach = срок вышел
history-escalate = шаг напоминания
journal-actor = Кто
journal-subject = О чём
journal-when = Когда
journal-who = Кто
journal-what = Что
journal-of = О чём
journal-why = Почему
journal-from = Откуда
journal-hash = Хеш
journal-details = подробно
journal-verify = Проверить цепочку
journal-whole = { $count ->
    [one] Цепочка цела: { $count } запись.
    [few] Цепочка цела: { $count } записи.
   *[many] Цепочка цела: { $count } записей.
}
journal-broken = Цепочка нарушена на записи № { $count }. Сравните с резервной копией.

## list, tray, drafts, search: списки

filter-q = Слова
filter-view = Список
filter-state = Состояние
filter-order = Порядок
filter-any = любой
filter-show = Показать
list-empty = Ничего не нашлось. Попробуйте убрать часть условий.
tray-overdue = Просрочено
tray-today = Сегодня
tray-later = Позже
tray-waiting = Ждут окончательного ответа
tray-answered = Ответ дан, осталось закрыть
tray-empty = Для вас ничего нет. Хорошего дня!
drafts-empty = Ответов на согласовании нет.
drafts-question = О чём пишут
drafts-own = Это ваш ответ: согласует другой человек.
drafts-other = Исправить…
search-placeholder = яма "улица Мира" -реклама
search-do = Найти
search-in-incident = Инцидент
search-hint = Слова ищутся во всех формах, ё = е. Точная фраза: "…", исключить: -слово.

## board: обзор

board-stuck = Недоставленные уведомления
board-bodies = По органам
board-period = за { $count } дней
board-received = Получено
board-open = Открыто
board-overdue = Просрочено
board-median = Первый ответ: медиана
board-ninth = 9 из 10 быстрее
board-in-time = В срок
board-returned = Возвращено
board-reopened = Открыто снова
board-how = «В срок»: доля тех, кому ответили до срока, среди всех, кому ответили или чей срок уже вышел.

## systemic: что возвращается снова и снова

systemic-how = Одно и то же на одном месте, не меньше чем { $times } за { $days } (за сезон). Отклонённые инциденты не считаются, объединённые считаются за один.
systemic-empty = Пока ничего не повторялось { $times } за { $days }.
systemic-off = В действующих правилах не сказано, когда проблема системная: раздел [grouping.systemic] в keywords/_weights.toml.
systemic-times =
    { $count ->
        [one] { $count } раз
        [few] { $count } раза
       *[other] { $count } раз
    }
systemic-days =
    { $count ->
        [one] { $count } день
        [few] { $count } дня
       *[other] { $count } дней
    }
systemic-in-season =
    { $count ->
        [one] { $count } раз за сезон
        [few] { $count } раза за сезон
       *[other] { $count } раз за сезон
    }
systemic-since = с { $what }
systemic-incident = Инцидент
systemic-closed = Закрыт
systemic-outcome = Чем кончилось
systemic-answered = Первый ответ через
systemic-no-answer = ответа нет
systemic-other-season = вне сезона
systemic-not-found = Инцидент № { $what } не входит ни в одну системную проблему, которую вам видно.
systemic-others = Ещё вне ваших полномочий: { $what }

## source, stage: источники и этапы

source-name = Источник
source-outcome = Что сейчас
source-last = Опрошен
source-new = Новое было
source-next = Следующий опрос
source-posts = Сообщений
source-rejected = Не прочитано
source-gaps = Пропусков
source-threads = { $count ->
    [one] { $count } обсуждение под наблюдением
    [few] { $count } обсуждения под наблюдением
   *[many] { $count } обсуждений под наблюдением
}
source-threads-read = прочитаны { $what }
stream-connected = поток подключён { $what }
stream-not-connected = поток не подключён
stream-last-event = последнее событие { $what }
stream-reconnections = { $count ->
    [one] { $count } переподключение
    [few] { $count } переподключения
   *[many] { $count } переподключений
}
stream-partial = этот поток показывает часть: { $what } % подходящих сообщений
stream-passed-over = { $count ->
    [one] { $count } событие не о регионе
    [few] { $count } события не о регионе
   *[many] { $count } событий не о регионе
}
stream-rules = { $count ->
    [one] действует { $count } правило
    [few] действуют { $count } правила
   *[many] действует { $count } правил
}
stream-left-out-no-room = не поместилось правил:
stream-left-out-too-many-words = правил, где слишком много слов:
stream-left-out-too-long = слишком длинных правил:
stream-left-out-only-beginnings = фраз, которые сеть не понимает:
stream-left-out-refused = сеть не приняла правил:
source-own = официальный
source-stopped = остановлен
source-never-polled = ещё не опрашивался
source-pause = Остановить
source-resume = Запустить
source-outcome-new = читается
source-outcome-nothing-new = читается, нового нет
source-outcome-refused = сеть отказала
source-outcome-failed = ошибка
sources-need-somebody = { $count ->
    [one] { $count } источник остановлен и ждёт человека.
    [few] { $count } источника остановлены и ждут человека.
   *[many] { $count } источников остановлены и ждут человека.
}
gaps-title = Пропуски
gaps-hint = Чего не успели прочитать, дочитывается, когда источники не ждут опроса.
gap-from-the-start = с начала
gap-open = ещё не восполнялся
gap-filling = восполняется, осталось до { $what }
gap-lost = не восполнить, нет до { $what }
gap-next-try = следующая попытка { $what }
gap-found = { $count ->
    [one] нашлось { $count } сообщение
    [few] нашлось { $count } сообщения
   *[many] нашлось { $count } сообщений
}
gap-lack-memory = Сеть уже не показывает такое старое.
gap-lack-end = Страницы источника кончаются раньше, чем начинается пропуск.
gap-lack-results = Сеть показывает не больше определённого числа сообщений.
gap-lack-no-way = У источника есть только первая страница.
gap-lack-no-beginning = С какого времени недостаёт, неизвестно.
gap-lack-unreadable = Ни одна попытка не удалась.
gap-lack-comments = Под одним сообщением больше комментариев, чем читается.
gap-lack-told-once = Стена перечитана, но сообщения в группу и комментарии под старыми записями сеть присылает только один раз.
gap-lack-removed = Источник убран из списка и больше не читается.
rejected-title = Не удалось прочитать
rejected-payload = что пришло
stage-ingest = чтение источников
stage-matcher = разбор сообщений
stage-cluster = сборка инцидентов
stage-indexer = поиск
stage-dispatch = рассылка
stage-escalate = напоминания
stage-watchdog = присмотр за напоминаниями
stage-sentinel = присмотр за источниками
stage-streams = потоки
callbacks-title = События от сообществ с запуска программы
callback-name = Адрес
callback-last = Последнее событие
callback-taken = Принято
callback-others = Не о постах
callback-unreadable = Не прочитано
callback-refused = Отклонено
stages-title = Этапы обработки
stage-name = Этап
stage-position = Позиция
stage-last-run = Работал
stage-failures = Сбоев
stage-error = Состояние
stage-fine = в порядке
reload-rules = Перечитать правила и настройки
reload-hint = Если в файлах ошибка, останутся прежние.

## alarm, whole: что не так с чтением и насколько полно то, что видно

alarm-silent = источник молчит дольше обычного
alarm-empty = источник отвечает пустотой
alarm-layout = ответ источника не читается
alarm-closed = источник нас не пускает
alarm-login = ключ доступа не принят
alarm-unreachable = источник не отвечает
alarm-lag = опросы опаздывают
alarm-do-silent = Откройте источник в браузере. Если там есть новые сообщения, а у нас нет, проверьте его адрес и вид; если их нет и там, ничего делать не нужно: тревога пройдёт сама.
alarm-do-empty = Откройте источник в браузере. Если сообщения там видны, сеть скрывает их от программы: смените ключ или адрес сервера. Если их удалили, остановите источник.
alarm-do-layout = Сеть изменила вид ответа. Пришлите то, что пришло, тем, кто сопровождает программу; сообщения этого источника пока читайте сами.
alarm-do-closed = Попросите доступ, исправьте адрес или уберите источник, затем нажмите «Запустить».
alarm-do-login = Получите новый ключ или пройдите проверку под этой учётной записью и положите ключ в его файл. Остальные ключи работают дальше.
alarm-do-unreachable = Проверьте связь сервера с этой сетью. Программа пробует снова сама.
alarm-do-lag = Запросов не хватает на все источники. Добавьте ключ, уберите лишние источники или пометьте менее важные.
alarm-subject-key = ключ № { $number } сети { $network }
alarm-since = с { $when }
alarms-title = Тревоги
alarms-none = Сейчас тревог нет.
alarms-past = Прошедшие
alarm-ended = прошла { $when }
whole-all = Видно всё: { $count ->
    [one] читается { $count } источник
    [few] читаются все { $count } источника
   *[many] читаются все { $count } источников
}.
whole-part = Видно не всё.
whole-planned = Источников: { $count }
whole-polled = читаются: { $count }
whole-refused = отказано: { $count }
whole-failed = с ошибкой: { $count }
whole-paused = остановлено человеком: { $count }
whole-waiting = ещё не опрошено: { $count }
whole-blind = не видно: { $count }
whole-partial = потоков, которые показывают часть: { $count }
whole-gaps = пропусков: { $count }
whole-filling = восполняется пропусков: { $count }
whole-lost = пропусков не восполнить: { $count }
whole-filled = восполнено: { $count }
gap-filled = восполнен { $when }

## poll-trouble, send-trouble: почему не читается и не доставляется

poll-trouble-rate-limited = Сеть просит спрашивать реже. Подождём и продолжим сами.
poll-trouble-quota = Запросы на сегодня закончились. Продолжим, когда сеть позволит; если так каждый день, добавьте ключ или опрашивайте реже.
poll-trouble-unauthorised = Сеть не принимает ключ доступа. Получите новый, положите его в файл ключа и запустите источник.
poll-trouble-captcha = Сеть хочет убедиться, что спрашивает человек. Пройдите проверку под этой учётной записью и запустите источник.
poll-trouble-forbidden = Доступ закрыт: сообщество стало закрытым или канал не показывает сообщения. Попросите доступ или уберите источник.
poll-trouble-gone = Источника больше нет. Проверьте его адрес; если он переехал, исправьте, если удалён, уберите.
poll-trouble-config = Источник описан с ошибкой. Проверьте его адрес и вид в файле источников.
poll-trouble-unavailable = Сеть не отвечает. Попробуем снова сами; если так долго, проверьте связь сервера с этой сетью.
poll-trouble-malformed = Ответ не удалось прочитать: возможно, сеть изменила его вид. Если так долго, сообщите тем, кто сопровождает программу.
poll-trouble-other = Прочитать не удалось. Причина ниже.
send-trouble-no-mail-server = Почтовый сервер не настроен: заполните раздел [mail].
send-trouble-bad-address = Адрес получателя записан с ошибкой: исправьте его в файле органов.
send-trouble-timeout = Получатель не ответил вовремя.
send-trouble-no-connection = Нет связи с получателем: проверьте адрес и сеть.
send-trouble-no-tls = Нет защищённого соединения с почтовым сервером: проверьте его сертификат и настройку tls.
send-trouble-not-let-in = Почтовый сервер не принимает нашу учётную запись: проверьте логин и пароль в разделе [mail].
send-trouble-asks-to-wait = Получатель просит подождать.
send-trouble-failed = На стороне получателя сбой.
send-trouble-refused = Получатель отказался принять: проверьте адрес и ключ подписи.
send-trouble-no-secret = Не читается файл с ключом подписи: проверьте secret_file в файле органов.
send-trouble-inside = Адрес ведёт внутрь закрытой сети: если так и нужно, впишите его узел в private_hosts раздела [webhooks].
send-trouble-internal = Уведомление не удалось составить: причина ниже.
send-trouble-other = Отправить не удалось: причина ниже.
send-next-waiting = Попробуем ещё раз сами.
send-next-stuck = Сами больше не пробуем: сообщите другим способом.
stage-failing = не получается, повторяем

## account, help: учётная запись и подсказки

account-title = Учётная запись
password-title = Сменить пароль
password-old = Нынешний пароль
password-new = Новый пароль
password-again = Новый пароль ещё раз
password-change = Сменить
password-not-the-same = Новые пароли не совпадают.
password-old-wrong = Нынешний пароль не подходит.
password-too-short = Нужно не меньше { $count } знаков.
password-too-long = Слишком длинный пароль.
help-title = Клавиши
help-keys = Клавиши
help-layout = Работают в русской и латинской раскладке; в полях ввода отключены.
key-move = следующий, предыдущий
key-accept = принять предложенное и перейти к следующему
key-open = открыть карточку / назад к списку
key-fields = тема, муниципалитет, орган, уровень
key-join = объединить с похожим / не одно и то же
key-split = разделить на два / оставить вместе
key-drop = отклонить с причиной
key-newer = показать новые
key-find = поиск
key-undo = отменить последнее действие
key-help = эта подсказка
