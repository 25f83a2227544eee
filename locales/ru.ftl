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
