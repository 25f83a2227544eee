# What people read. Keys: area-thing. ru.ftl has the same keys with the same variables.

## time: terms and dates

time-under-a-minute = less than a minute
time-minutes = { $count } min
time-hours = { $count } h
time-days = { $count } d
time-left = { $span } left
time-overdue = overdue by { $span }
time-just-overdue = overdue since just now
time-ago = { $span } ago
time-date = { $day } { $month }
time-date-year = { $day } { $month } { $year }
time-moment = { $date }, { $time }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

## notice: letters and messages to bodies and people

notice-subject-assigned = New incident { $number }: { $topic }, { $place }
notice-subject-withdrawn = Incident { $number } went to another body
notice-subject-reminder = Reminder: incident { $number }, { $topic }, { $place }
notice-subject-escalation = Overdue: incident { $number }, { $topic }, { $place }
notice-subject-unreachable = Nobody to tell about incident { $number }
notice-opening-assigned = An incident has been sent to you: people write about it in social networks.
notice-opening-withdrawn = This incident is no longer yours: it went to another body. No answer is needed.
notice-opening-reminder = An incident is waiting for you and its clock is running.
notice-opening-escalation = The term of an incident has run out, and people are still waiting.
notice-opening-unreachable = The address of “{ $recipient }” is not known, so no notice was sent to them. Please reach them yourself and enter their address.
notice-what = What: { $topic }
notice-where = Where: { $place }
notice-body = Responsible body: { $body }
notice-due-take = Take into work by: { $due } ({ $left })
notice-due-first = Answer by: { $due } ({ $left })
notice-due-final = Give the final answer by: { $due } ({ $left })
notice-people = { $posts ->
    [one] { $posts } post
   *[other] { $posts } posts
} by { $authors ->
    [one] { $authors } author
   *[other] { $authors } authors
}
notice-link = Open: { $link }
notice-place-unknown = place not named
notice-footer = Written by the program Otklik; no reply to this message is needed.
