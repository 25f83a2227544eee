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
notice-subject-reminder = Напоминание: инцидент № { $number }, { $topic }, { $place }
notice-subject-escalation = Срок вышел: инцидент № { $number }, { $topic }, { $place }
notice-subject-unreachable = Некому сообщить об инциденте № { $number }
notice-opening-assigned = Вам направлен инцидент: о нём пишут люди в социальных сетях.
notice-opening-withdrawn = Этот инцидент больше не за вами: его передали другому органу. Отвечать не нужно.
notice-opening-reminder = Инцидент ждёт вас, срок идёт.
notice-opening-escalation = Срок по инциденту вышел, а люди всё ещё ждут.
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
explain-verdict-no-topic = Не взято: ни одна тема не набрала порога { $threshold }.
explain-verdict-not-a-complaint = Не взято: тема есть, но на жалобу не похоже ({ $score } при пороге { $threshold }).
explain-verdict-own-account = Не взято: это сообщение самого органа власти.
explain-verdict-empty = Не взято: в сообщении нечего читать.
explain-topic = Тема: { $topic }, { $score }
explain-evidence = { $words } по правилу «{ $keyword }», вес { $weight }
explain-signal = Признак ({ $kind }): { $words }, вес { $weight }
explain-place = Место: { $place }. Основание: { $because } { $words }, уверенность { $certainty }
explain-no-place = Место: не названо
explain-risk = Риск: { $risk }, { $words }, важность +{ $raises }
explain-weight = Важность { $importance } из 5, конкретность { $specificity }
explain-incident = Инцидент № { $number }: { $kind }, оценка { $score }
explain-considered = Сравнивалось с инцидентом № { $number }: { $score }, для присоединения нужно { $join }
explain-ended = Больше не здесь: решение { $action }
explain-not-grouped-yet = Инцидент ещё не выбран: сообщение ждёт очереди.
signal-complaint = жалоба
signal-question = вопрос
signal-advert = реклама
signal-news = новость
signal-greeting = поздравление
signal-gratitude = благодарность
signal-talk = разговор
because-street-with-house = улица с домом
because-street-with-kind = названа улица
because-street-named = похоже на улицу
because-unknown-street = улица, которой нет в справочнике
because-house-alone = номер дома рядом с местом
because-settlement-named = назван населённый пункт
because-territory-named = назван район
because-object-named = назван объект
because-numbered-object = объект с номером
because-stop-named = названа остановка
because-source-territory = район источника
