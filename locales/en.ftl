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

## query, search: the query language and what was found

query-too-long = The query is too long.
query-too-many-parts = The query has too many parts.
query-unknown-field = There is no field «{ $field }». There are topic, network, source, territory, author, community, since, until, id, kind.
query-no-value = «{ $field }:» needs a value.
query-unknown-value = The field «{ $field }» has no value «{ $value }».
query-not-a-date = «{ $value }» is not a date. Write 2026-11-30 or 30.11.2026.
query-unclosed-quote = A quotation mark is opened and never closed.
query-nothing = The query has no words.
search-found = Found: { $total }, shown: { $shown }
search-incident = incident { $number }

## explain: why a post is where it is

explain-key-wanted = A post's key is needed: NETWORK:NUMBER, as in vk:-1_2
explain-no-post = There is no post { $post } in the database.
explain-post = Post { $post }
explain-read-again = What it came to is not kept: it was read again by the rules in force.
explain-verdict-matched = Taken as a complaint.
explain-verdict-no-topic = Not taken: no topic reached the threshold { $threshold }.
explain-verdict-not-a-complaint = Not taken: there is a topic, but it does not read like a complaint ({ $score }, threshold { $threshold }).
explain-verdict-own-account = Not taken: the post is an authority's own.
explain-verdict-empty = Not taken: there is nothing to read.
explain-topic = Topic: { $topic }, { $score }
explain-evidence = { $words } by the rule «{ $keyword }», weight { $weight }
explain-signal = Signal ({ $kind }): { $words }, weight { $weight }
explain-place = Place: { $place }. Because of: { $because } { $words }, certainty { $certainty }
explain-no-place = Place: not named
explain-risk = Risk: { $risk }, { $words }, importance +{ $raises }
explain-weight = Importance { $importance } of 5, specificity { $specificity }
explain-incident = Incident { $number }: { $kind }, score { $score }
explain-considered = Compared with incident { $number }: { $score }, joining needs { $join }
explain-ended = No longer here: decision { $action }
explain-not-grouped-yet = No incident yet: the post waits its turn.
signal-complaint = complaint
signal-question = question
signal-advert = advert
signal-news = news
signal-greeting = greeting
signal-gratitude = gratitude
signal-talk = talk
because-street-with-house = a street with a house
because-street-with-kind = a street is named
because-street-named = looks like a street
because-unknown-street = a street that the region pack lacks
because-house-alone = a house number near a place
because-settlement-named = a settlement is named
because-territory-named = a district is named
because-object-named = an object is named
because-numbered-object = an object with a number
because-stop-named = a stop is named
because-source-territory = the source's district
