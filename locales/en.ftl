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
notice-subject-reopened = Open again, incident { $number }: { $topic }, { $place }
notice-subject-reminder = Reminder: incident { $number }, { $topic }, { $place }
notice-subject-escalation = Overdue: incident { $number }, { $topic }, { $place }
notice-subject-service = Otklik: { $what }{ $count ->
    [one] {""}
   *[other] {" "}({ $count })
}
notice-subject-unreachable = Nobody to tell about incident { $number }
notice-opening-assigned = An incident has been sent to you: people write about it in social networks.
notice-opening-withdrawn = This incident is no longer yours: it went to another body. No answer is needed.
notice-opening-reopened = A closed incident is open again: soon after the closing people write about the same.
notice-opening-reminder = An incident is waiting for you and its clock is running.
notice-opening-escalation = The term of an incident has run out, and people are still waiting.
notice-opening-service = Some of what people write may not be seen now.
notice-service-what = What happened: { $what }, since { $since }
notice-service-more = and { $count } more
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
explain-verdict-matched-above = Taken: the post that it comments on names the topic.
explain-verdict-matched-general = Taken: the matter is concrete, but a person must say what it is about.
explain-verdict-no-topic = Not taken: no topic reached the threshold { $topic }, and it does not read like a concrete matter ({ $score }, threshold { $threshold }).
explain-kind = Kind: { $kind }. Concreteness { $concreteness }: for and against together { $score }, threshold { $threshold }
explain-mark = Mark: { $mark }{ $gap }{ $words }, weight { $weight }
kind-complaint = complaint
kind-question = question
kind-gratitude = gratitude
kind-announcement = announcement or news
kind-opinion = opinion
kind-other = other
mark-topic-named = a topic is named outright
mark-topic-hinted = a topic is hinted at
mark-address = an address is named
mark-patronymic = somebody is addressed by name and patronymic
mark-question = there is a question
mark-comment = it is a comment
mark-link = there is a link
mark-hashtag = there is a hashtag
mark-pictograph = begins with a pictograph, as headlines of channels do
mark-price = money or per cent are named
mark-foreign = most words are in Latin letters
mark-names = many names
mark-quotes = names in quotation marks
explain-verdict-not-a-complaint = Not taken: there is a topic, but it does not read like a complaint ({ $score }, threshold { $threshold }).
explain-verdict-own-account = Not taken: the post is an authority's own.
explain-verdict-empty = Not taken: there is nothing to read.
explain-matter = Matter: { $topic }: { $words }
explain-topic = Topic: { $topic }, { $score }
explain-evidence = { $words } by the rule «{ $keyword }», weight { $weight }
explain-learned = By people's earlier decisions: certainty { $certainty }
explain-learned-word = { $words }: { $weight }
explain-signal = Signal ({ $kind }): { $words }, weight { $weight }
explain-place = Place: { $place }. Because of: { $because } { $words }, certainty { $certainty }
explain-coordinates = Coordinates of the { $of }: { $line }
place-part-settlement = settlement
place-part-street = street
place-part-object = object
explain-no-place = Place: not named
explain-risk = Risk: { $risk }, { $words }, importance +{ $raises }
explain-weight = Importance { $importance } of 5, specificity { $specificity }
explain-incident = Incident { $number }: { $kind }, score { $score }
explain-considered = Compared with incident { $number }: { $score }, joining needs { $join }
explain-repeat = Repeats the closed incident № { $number }: { $score } leaving aside the time passed, { $wanted } is needed
explain-hint = Ties it to incident № { $number }: { $why } ({ $post }); with its own { $score }, with that one { $other }
explain-ended = No longer here: decision { $action }
explain-not-grouped-yet = No incident yet: the post waits its turn.
signal-complaint = complaint
signal-question = question
signal-advert = advert
signal-news = news
signal-greeting = greeting
signal-gratitude = gratitude
signal-talk = talk
signal-opinion = opinion
signal-manner = manner of speaking
because-street-with-house = a street with a house
because-street-with-kind = a street is named
because-street-named = looks like a street
because-unknown-street = a street that the region pack lacks
because-unknown-settlement = a settlement that the region pack lacks
because-house-alone = a house number near a place
because-home-address = the author's own address, another place is named
because-settlement-named = a settlement is named
because-territory-named = a district is named
because-object-named = an object is named
because-numbered-object = an object with a number
because-stop-named = a stop is named
because-post-above = named in the post above
because-source-territory = the source's district
## learn: what people's decisions teach

learn-no-folder = The model is written into the folder of keywords: name `keywords_dir` in the configuration.
learn-too-few = There is nothing to learn from: messages with a decided topic { $examples }, topics with { $least } examples or more: { $topics }, at least two are wanted.
learn-unknown = The rules have no topic «{ $topic }», rows left out: { $rows }
learn-examples = Examples { $examples }, topics learned { $topics }, the model takes { $kib } KiB
learn-before = Dictionaries alone: the right topic comes first in { $first } %, among the first three in { $three } %
learn-after = With the model: the right topic comes first in { $first } %, among the first three in { $three } % (each message judged by a model that has not seen it)
learn-too-old = The oldest decisions are left out: { $count }
learn-topic = { $topic }: examples { $examples }, right before { $before }, after { $after }
learn-thin = { $topic }: examples { $examples }, too few, left to the dictionaries
learn-grouping-too-few = Nothing to learn from: at least { $least } messages with an earlier one about the same are needed among those people looked at.
learn-grouping-examples = Messages people looked at: { $judged }, of them with an earlier one about the same: { $partners }
learn-grouping-before = Now: { $right } % of what is joined is right, { $found } % found, the right incident among the best five in { $five } %
learn-grouping-after = With the new weights: { $right } % right, { $found } % found, among the best five in { $five } % (judged by messages the weights did not learn from)
learn-grouping-not-judged = There are too few examples to judge the new weights fairly: decide by the weights below.
learn-taken = Written into { $what }. A running program takes what was learned when it reloads its rules.
learn-not-taken = Nothing is written: repeat with --take to take what was learned.

## cli: what commands answer

cli-no-incident = There is no incident { $what }.
cli-no-post = There is no post { $what }. Write NETWORK:NATIVE_ID.
cli-not-in-incident = Post { $post } is not in incident { $number }.
cli-no-topic = There is no topic «{ $what }».
cli-no-territory = There is no territory «{ $what }».
cli-no-state = There is no state «{ $state }», only { $known }.
cli-done = Done: decision { $number }
cli-refused = Refused: { $what }
cli-incident = Incident No. { $number }: { $title }
cli-family = The same text: { $count }, first { $post }, { $at }
cli-merge = Perhaps one with incident No. { $number }: { $why } ({ $post }, likeness { $score } and { $other })
cli-perhaps-same = Perhaps the same as incident No. { $number } ({ $score })
cli-deadline = Incident No. { $number }, terms «{ $terms }», rules version { $version }
cli-counted = { $secs } s counted
cli-replay = { $now } incidents now, { $then } under the rules { $ruleset }
cli-replay-changes = same { $same }, joined { $joined }, split { $split }, new { $new }, gone { $gone }

## page: on every page

product = Otklik
skip-to-content = To the content
nav-label = Sections
nav-triage = Triage
nav-tray = My incidents
nav-drafts = To approve
nav-board = Overview
nav-systemic = Systemic problems
nav-incidents = All incidents
nav-search = Search
nav-sources = Sources
nav-deliveries = Undelivered
nav-journal = Journal
logout = Log out
language-other = Русский
undo = Undo
foot-rules = Rules: { $what }
csv = Download as a table (CSV)
pager-label = Pages
pager-shown = { $range } of { $total }
pager-previous = previous
pager-next = next
error-title = That did not work
error-code = Code { $count }
error-back = To the start

## login: the entrance

login-title = Log in
login-login = Login
login-password = Password
login-enter = Log in
login-wrong = This login and password do not match.
login-locked = Too many wrong attempts. The login is closed for 15 minutes, then try again.

## failure: why it did not work

failure-login-needed = Log in first.
failure-not-found = There is no such page, or it is not open to you.
failure-forbidden = You have no right to do this.
failure-forged = This form is out of date. Reload the page and try again.
failure-too-large = The request is too large.
failure-pending = The decision is stored and will be applied soon. Reload the page a little later.
failure-busy = The system is busy. Try again in a minute.
failure-broken = Something broke on our side. We see it in the error log.

## refusal: why a decision was refused

refusal-already-answered = It has been answered.
refusal-already-approved = The answer has been approved.
refusal-already-assigned = The incident has been accepted.
refusal-already-closed = The incident is closed.
refusal-already-in-work = The incident is in work.
refusal-already-published = The answer has been published.
refusal-close-needs-a-reason = People have not been answered yet: say why you close it.
refusal-empty-answer = The answer is empty.
refusal-interim-needs-a-date = An interim answer needs a date.
refusal-later-actions-first = Undo what was done later first.
refusal-no-posts = No post is chosen.
refusal-no-such-action = There is no such action.
refusal-no-such-answer = There is no such answer.
refusal-no-such-body = There is no such body.
refusal-no-such-incident = There is no such incident.
refusal-no-such-territory = There is no such municipality.
refusal-no-such-topic = There is no such topic.
refusal-not-approved = The answer has not been approved.
refusal-not-closed = The incident is not closed.
refusal-not-yet-assigned = The incident has not been accepted.
refusal-nothing-to-undo = There is nothing to undo.
refusal-nothing-would-stay = At least one post must stay in the incident.
refusal-split-of-all = At least one post must stay in the incident.
refusal-own-draft = Nobody approves their own answer: a second person is needed.
refusal-part-of-another = The incident is part of another.
refusal-posts-of-another = These posts are in another incident.
refusal-same-incident = This is one and the same incident.

## done: what was just done

done-accept = Incident { $number } is accepted and sent on.
done-assign = Incident { $number } is sent on.
done-not-mine = Incident { $number } is back in triage.
done-take = Incident { $number } is in work.
done-correct = Incident { $number } is corrected.
done-join = Another incident is now part of incident { $number }.
done-not-same = Noted: incident { $number } is not the same.
done-keep-together = Noted: the posts of incident { $number } are about one thing.
done-split = A new incident was split off incident { $number }.
done-drop = Incident { $number } is dropped.
done-answer = The answer to incident { $number } waits for approval.
done-approve = The answer to incident { $number } is approved.
done-adopt = The reply is the answer to incident { $number }.
done-publish = The answer to incident { $number } is marked as published.
done-close = Incident { $number } is closed.
done-reopen = Incident { $number } is open again.
done-undo = Undone. Incident { $number } is as it was.
done-password = The password is changed. Other devices have to log in again.
done-source = Done.
done-reload = The rules were read again.
done-delivery = Noted.

## role, risk, state, scale, outcome, drop: values

role-administrator = regional administrator
role-coordinator = coordinator
role-official = official
role-approver = approver
role-analyst = analyst
role-oversight = oversight
role-system = system administrator
risk-1 = minor
risk-2 = can wait
risk-3 = important
risk-4 = urgent
risk-5 = danger to people
state-new = new
state-assigned = assigned
state-in-work = in work
state-answered-interim = interim answer given
state-answered-final = answered
state-closed = closed
state-joined = part of another
scale-local = local
scale-municipal = municipal
scale-regional = regional
outcome-solved = solved
outcome-explained = explained
outcome-deferred = deferred
outcome-rejected = rejected
drop-no-problem = no problem
drop-other-region = another region
drop-advert = advert
drop-old = old story
drop-no-place = unclear where and what
drop-private-dispute = private dispute
drop-joke = joke or fiction
network-vk = VK
network-ok = OK
network-telegram = Telegram
network-rss = News
network-youtube = YouTube
network-mastodon = Mastodon
network-dzen = Dzen
network-rutube = Rutube
network-max = MAX
network-lemmy = Lemmy
network-bluesky = Bluesky
network-discourse = Forum
network-facebook = Facebook
network-instagram = Instagram
network-x = X
network-web = Websites
network-reddit = Reddit
network-livejournal = LiveJournal
media-photo = photo
media-video = video
media-document = document
media-audio = audio
media-poll = poll
media-link = link
media-other = attachment
order-urgency = by urgency
order-newest = newest first
order-due = by deadline
order-number = by number

## view: ready-made lists

view-new = New
view-suggested = Perhaps the same
view-near = Near deadline
view-overdue = Overdue
view-returned = Returned
view-open = All open
view-waiting = Final answer due
view-closed = Closed
view-all = All

## term, length: terms

term-until = { $span }, until { $until }
term-was-until = { $span }, was due { $until }
length-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
length-working-hours = { $count ->
    [one] { $count } working hour
   *[other] { $count } working hours
}
length-working-minutes = { $count } min of working time
length-working-days = { $count ->
    [one] { $count } working day
   *[other] { $count } working days
}

## row: an incident in a list

row-authors = { $count ->
    [one] { $count } author
   *[other] { $count } authors
}
row-posts = { $count ->
    [one] { $count } post
   *[other] { $count } posts
}
row-copies = { $count ->
    [one] { $count } copy
   *[other] { $count } copies
}
row-campaign = one text
campaign-hours = within { $count } h
row-growth = +{ $count } in the last hour
row-repeat-of = repeat of
row-returned = returned: «not mine»
row-parted = seems to be two
row-suggestions = { $count ->
    [one] like { $count } other
   *[other] like { $count } others
}
place-unknown = place unknown
topic-unknown = topic unknown
author-unknown = author unknown
author-number = author { $count }
count-views = { $count ->
    [one] { $count } view
   *[other] { $count } views
}
count-likes = { $count ->
    [one] { $count } like
   *[other] { $count } likes
}
count-reposts = { $count ->
    [one] { $count } repost
   *[other] { $count } reposts
}
count-comments = { $count ->
    [one] { $count } comment
   *[other] { $count } comments
}

## triage

triage-views = Lists
triage-rows = Incidents
triage-preview = Chosen incident
triage-find = Find in the list
triage-by-urgency = Most urgent first
triage-by-newest = Newest first
triage-newer = { $count ->
    [one] { $count } new. Show: press «.»
   *[other] { $count } new. Show: press «.»
}
triage-empty = Nothing here: all is sorted.
triage-empty-more = New incidents will appear by themselves.

## field, act: fields and buttons

field-topic = Topic
field-territory = Municipality
field-place = Place
field-body = Responsible body
field-scale = Scale
field-people = Who writes
field-opened = Opened
field-official = Official
field-whose = Whose is it?
field-note = Note
field-number = Number of the other incident
field-outcome = Outcome
field-close-reason = Note (needed where people have not been answered)
field-answer = Answer to people
field-answer-url = Link to the published answer
field-kind = Which answer this is
field-until = Date of the final answer
body-by-route = as proposed
route-only-root = No route found, please check
route-why = Why this body
official-any = anybody of the body
whose-unknown = I do not know
act-accept = Accept
act-correct = Correct
act-drop = Drop…
act-join = Join
act-join-other = Join with another…
act-not-same = Not the same
act-split-proposed = Split in two
act-keep-together = Keep together
act-split = Split off the ticked
act-take = Take into work
act-not-mine = Not mine…
act-return = Back to triage
act-assign = Send elsewhere…
act-assign-do = Send
act-answer = Answer
act-draft = For approval
act-approve = Approve
act-adopt = Accept as the answer
act-publish = Published
act-close = Close…
act-close-do = Close
act-reopen = Open again

## card: the incident card

card-acts = What to do
card-answers = Answers
card-suggestions = Perhaps the same
card-similar = Similar in the past
similar-answer = What people were answered
similar-answer-of = The answer for incident
card-posts = Posts
card-posts-left = The first are shown; { $count } more.
card-all-posts = All posts
card-clocks = Terms
card-deliveries = Notices
card-history = History
card-joined-into = This incident is part of
card-reopened = Open again { $when }: { $why }. It had been closed: { $end }.
reopened-why = the same was written { $after } after the closing (the term of «{ $topic }»: { $within })
post-opened-again = Opened the closed incident again: { $what }
post-kept-apart = Like another incident, but kept apart: { $what }
card-repeat-of = Repeats the closed incident
card-repeat-why = Why a repeat
card-systemic =
    { $count ->
        [2] Second time in a season:
        [3] Third time in a season:
        [4] Fourth time in a season:
        [5] Fifth time in a season:
        [6] Sixth time in a season:
       *[other] Time no. { $count } in a season:
    }
card-systemic-before = Has been a systemic problem, before this:
card-systemic-later = Came back later:
card-systemic-list = systemic problem
card-parting = Perhaps these are two incidents:
parted-by-settlement = different settlements
parted-by-street = different streets
parted-by-house = different houses
parted-by-object = different objects
parted-by-matter = different matters
card-campaign = Seems to be a campaign, one text:
card-campaign-note = The deadline and the place in the list stay the same.
card-family = The same text:
card-family-first = first
card-likeness = { $count } % alike
card-this-one = This incident
card-that-one = The similar one
join-moves-deadline = The first answer will be due earlier: { $what }
join-keeps-deadline = The deadline stays
split-tick = Tick the post
split-hint = The ticked posts become an incident of their own.
post-open = open in the network
post-private = A message to the community, not a public post: it is neither quoted nor passed on. Only those who need its text for their work see it.
post-deleted = The post was deleted in the network. Only those who need its text for their work see it.
post-seen-deleted = Deleted, seen { $what }
post-seen-changed = Changed, seen { $what }
post-why = Why it is here
post-language = Language: { $what }
post-language-ru = Russian
post-language-uk = Ukrainian
post-language-be = Belarusian
post-language-tt = Tatar
post-language-kk = Kazakh
post-language-ba = Bashkir
post-language-cv = Chuvash
post-language-sah = Yakut
post-language-ky = Kyrgyz
post-language-tg = Tajik
post-language-uz = Uzbek
post-language-udm = Udmurt
post-language-mhr = Mari
post-language-kv = Komi
post-language-os = Ossetian
post-language-bua = Buryat
post-language-mn = Mongolian
post-language-bg = Bulgarian
post-language-sr = Serbian
post-language-mk = Macedonian
post-language-en = English
post-language-de = German
post-language-fi = Finnish or akin
post-language-tr = Turkish
post-language-zh = Chinese
post-language-fr = French
post-language-es = Spanish
post-language-it = Italian
post-language-pt = Portuguese
post-language-pl = Polish
post-language-et = Estonian
post-language-lt = Lithuanian
post-language-lv = Latvian
post-language-az = Azerbaijani
post-language-hy = Armenian
post-language-ka = Georgian
post-language-ja = Japanese
post-language-ko = Korean
post-language-ar = Arabic
post-language-he = Hebrew
post-language-hi = Hindi
post-language-vi = Vietnamese
post-language-und-cyrl = another, in Cyrillic
post-language-und = not told
post-matters = The post is about several matters
post-keywords = Keywords that fired
post-kind = { $kind }, { $percent } % concrete
post-learned = Words by which the topic was chosen among the others
apart-place = another place
apart-matter = another matter
apart-vague = too little is said
apart-rival = like one more as well
hint-bridge = a post fits both
hint-appeal = a post names an appeal of the other
hint-link = a post links to the other
reason-founded = the incident began with it
reason-family = nearly word for word a copy
reason-joined = like the other posts
reason-thread = a reply in the same thread
reason-area = part of an event over the area
reason-merged = two incidents were merged: a post fits both
reason-person-joined = joined by a person
reason-person-split = split off by a person
part-same-street-and-house = same house
part-other-house = another house
part-near-house = a house nearby
part-same-street = same street
part-other-street = another street
part-same-object = same object
part-other-object = another object
part-same-settlement = same settlement
part-other-settlement = another settlement
part-no-place = no place named
part-shared-names = shared names
part-rare-name = rare name
part-shared-words = shared words
part-matter-words = shared words about the matter
part-rare-words = shared rare words
part-word-pairs = shared pairs of words
part-near-copy = near-copy
part-place-and-matter = both place and matter agree
part-same-topic = same topic
part-same-group = near topic
part-other-topic = another topic
part-same-author = same author
part-same-thread = same thread
part-same-attachment = one and the same attachment
part-continues = goes on with what was begun
part-time-apart = apart in time
part-others-agree = like the other posts too
part-crowded = many similar incidents near by
part-clear-best = clearly nearer than others
part-lead-words = begin alike
part-length = told in enough words
part-words-stand-out = more words in common than with others
part-matter-stands-out = the matter is told alike as with no other
part-lead-stands-out = begin alike as with no other
part-pairs-stand-out = more pairs of words in common than with others
part-told = it was told here before
part-told-stands-out = more of what it tells was told here before than elsewhere
part-names-told = its names were told here before
part-several-tell = several of its posts tell the same
part-same-appeal = name one and the same appeal
part-area-places = on different streets
part-area-burst = posts within hours / usually
part-base = caution to begin with

## clock, span: terms explained

clock-take = Take into work
clock-first-answer = First answer
clock-final-answer = Final answer
clock-until = until { $what }
clock-why = Why this term
clock-from = Counted from { $what }, term
clock-promised = The date that people were told in the interim answer.
clock-in-time = given in time, { $what }
clock-too-late = given too late, { $what }
span-from = From
span-to = To
span-what = What
span-counted = Counted
span-elapsed = runs on
span-working = working time
span-working-unlisted-year = working time (holidays of this year are not listed)
span-night = after hours
span-break = break
span-weekend = weekend
span-holiday = holiday
span-start-day = the first day does not count
span-paused = pause

## answer: answers

answer-interim = interim answer
answer-final = final answer
answer-interim-until = interim, the final one by
answer-until = final by { $what }
answer-approved = Approved: { $what }
answer-published = Published { $what }
answer-waits-approval = Waits for approval by a second person.
answer-waits-publication = Approved, waits for publication.
answer-seen = Answer seen
answer-seen-under = In reply to
answer-seen-hint = The body has published this text already. The clock stops when it is accepted.
answer-seen-waits = The clock runs until somebody who publishes answers accepts it.
answer-templates = Templates
answer-hint = People see the answer only after approval and publication.
answer-template-work = Hello! We have your message: { $what }. Work is planned for [date]. We will report here.
answer-template-done = Hello! It is solved: { $what }. What was done: [work, date]. Thank you for writing.
answer-template-other = Hello! A specialist is on the way to look at «{ $what }». We will give the final answer by [date].

## notice-kind, send, recipient: notices

notice-kind-assigned = assignment
notice-kind-withdrawn = withdrawal
notice-kind-reopened = open again
notice-kind-reminder = reminder
notice-kind-escalation = term is over
notice-kind-service = about reading sources
notice-kind-unreachable = address unknown
send-waiting = waits
send-sent = sent
send-stuck = not delivered
send-acknowledged = settled by a person
recipient-body = body
recipient-coordinator = coordinator
recipient-head = head
recipient-person = person
recipient-administrator = administrator
recipient-oversight = oversight
deliveries-stuck = Not delivered
deliveries-waiting = Waiting
deliveries-none = Everything is delivered.
deliveries-note = What you did instead
deliveries-acknowledge = Settled
deliveries-attempts = { $count ->
    [one] { $count } attempt
   *[other] { $count } attempts
}
note-needed = say what was done

## history, journal

history-opened = incident opened
history-by-a-post = people's post
history-undone = (undone)
history-accept = accepted
history-assign = sent to a body
history-not-mine = returned: «not mine»
history-take = taken into work
history-correct = corrected
history-join = joined
history-keep-together = «keep together»
history-merge = merged automatically
history-by-the-program = Otklik
history-split = a new incident was split off
history-not-same = «not the same»
history-drop = dropped
history-draft = answer drafted
history-approve = answer approved
history-adopt = seen reply accepted as the answer
history-publish = answer published
history-close = closed
history-reopen = opened again
history-undo = action undone
history-login = login
history-login-failed = failed login
history-logout = logout
history-password = password changed
history-language = language chosen
history-export = export
history-user-add = account made
history-user-password = password changed from the command line
history-user-disable = account disabled
history-alarm = alarm about reading
history-alarm-end = alarm is over
history-unreachable = nobody to tell
history-read-personal = names of authors seen
history-source-pause = source paused
history-source-resume = source resumed
history-reload = rules read again
history-acknowledge-notice = undelivered notice settled
history-breach = term is over
history-escalate = reminder step
journal-actor = Who
journal-subject = About
journal-when = When
journal-who = Who
journal-what = What
journal-of = About
journal-why = Why
journal-from = From where
journal-hash = Hash
journal-details = details
journal-verify = Check the chain
journal-whole = { $count ->
    [one] The chain is whole: { $count } entry.
   *[other] The chain is whole: { $count } entries.
}
journal-broken = The chain is broken at entry { $count }. Compare with a backup.

## list, tray, drafts, search: lists

filter-q = Words
filter-view = List
filter-state = State
filter-order = Order
filter-any = any
filter-show = Show
list-empty = Nothing found. Try fewer conditions.
tray-overdue = Overdue
tray-today = Today
tray-later = Later
tray-waiting = Final answer due
tray-answered = Answered, to be closed
tray-empty = Nothing for you. Have a good day!
drafts-empty = No answers to approve.
drafts-question = What people write
drafts-own = This answer is yours: somebody else approves it.
drafts-other = Change…
search-placeholder = pothole "улица Мира" -advert
search-do = Search
search-in-incident = Incident
search-hint = Words are found in all their forms, ё = е. Exact phrase: "…", without: -word.

## board: overview

board-stuck = Undelivered notices
board-bodies = By body
board-period = last { $count } days
board-received = Received
board-open = Open
board-overdue = Overdue
board-median = First answer: median
board-ninth = 9 of 10 faster
board-in-time = In time
board-returned = Returned
board-reopened = Opened again
board-how = «In time»: the share answered before the term, among all that were answered or whose term is over.

## systemic: what comes back again and again

systemic-how = The same matter at the same place, at least { $times } in { $days } (a season). Dismissed incidents do not count, joined ones count once.
systemic-empty = Nothing has come back { $times } in { $days } so far.
systemic-off = The rules in force do not say when a problem is systemic: the table [grouping.systemic] in keywords/_weights.toml.
systemic-times =
    { $count ->
        [one] { $count } time
       *[other] { $count } times
    }
systemic-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
systemic-in-season =
    { $count ->
        [one] { $count } time in a season
       *[other] { $count } times in a season
    }
systemic-since = since { $what }
systemic-incident = Incident
systemic-closed = Closed
systemic-outcome = How it ended
systemic-answered = First answer after
systemic-no-answer = no answer
systemic-other-season = not in the season
systemic-not-found = Incident { $what } is part of no systemic problem that you may see.
systemic-others = Further ones beyond your reach: { $what }

## source, stage: sources and stages

source-name = Source
source-outcome = Now
source-last = Polled
source-new = Last new
source-next = Next poll
source-posts = Posts
source-rejected = Unread
source-gaps = Gaps
source-threads = { $count ->
    [one] { $count } thread watched
   *[other] { $count } threads watched
}
source-threads-read = read { $what }
stream-connected = the stream was connected { $what }
stream-not-connected = the stream is not connected
stream-last-event = last event { $what }
stream-reconnections = { $count ->
    [one] { $count } reconnection
   *[other] { $count } reconnections
}
stream-partial = this stream shows a part: { $what } % of the posts that fit
stream-passed-over = { $count ->
    [one] { $count } event not about the region
   *[other] { $count } events not about the region
}
stream-rules = { $count ->
    [one] { $count } rule in force
   *[other] { $count } rules in force
}
stream-left-out-no-room = rules without room:
stream-left-out-too-many-words = rules with too many words:
stream-left-out-too-long = rules that are too long:
stream-left-out-only-beginnings = phrases that the network does not understand:
stream-left-out-refused = rules that the network refused:
source-own = official
source-stopped = stopped
source-never-polled = not polled yet
source-pause = Pause
source-resume = Resume
source-outcome-new = read
source-outcome-nothing-new = read, nothing new
source-outcome-refused = refused by the network
source-outcome-failed = error
sources-need-somebody = { $count ->
    [one] { $count } source is stopped and waits for a person.
   *[other] { $count } sources are stopped and wait for a person.
}
gaps-title = Gaps
gaps-hint = What was not read in time is read later, while no source is due.
gap-from-the-start = from the start
gap-open = not filled yet
gap-filling = being filled, missing up to { $what }
gap-lost = not to be had, missing up to { $what }
gap-next-try = next try { $what }
gap-found = { $count ->
    [one] { $count } post found
   *[other] { $count } posts found
}
gap-lack-memory = The network shows nothing that old any more.
gap-lack-end = The pages of the source end before the gap begins.
gap-lack-results = The network shows so many posts and no more.
gap-lack-no-way = The source has a first page and no other.
gap-lack-no-beginning = Since when something is missing is not known.
gap-lack-unreadable = Every try failed.
gap-lack-comments = There are more comments under one post than are read.
gap-lack-told-once = The wall was read again, but messages to the community and comments under older posts are sent only once.
gap-lack-removed = The source was taken off the list and is read no more.
rejected-title = Could not be read
rejected-payload = what came
stage-ingest = reading sources
stage-matcher = reading posts
stage-cluster = grouping into incidents
stage-indexer = search
stage-dispatch = deliveries
stage-escalate = reminders
stage-watchdog = watch over reminders
stage-streams = streams
stage-sentinel = watch over sources
callbacks-title = Events from communities since the program started
callback-name = Address
callback-last = Last event
callback-taken = Taken
callback-others = Not about posts
callback-unreadable = Unreadable
callback-refused = Refused
stages-title = Stages
stage-name = Stage
stage-position = Position
stage-last-run = Ran
stage-failures = Failures
stage-error = State
stage-fine = fine
reload-rules = Read rules and settings again
reload-hint = A mistake in a file leaves the old ones working.

## alarm, whole: what is wrong with the reading, and how complete what is seen is

alarm-silent = the source is quiet for longer than it ever was
alarm-empty = the source answers with nothing
alarm-layout = the source’s answer cannot be read
alarm-closed = the source does not let us in
alarm-login = an access key is not accepted
alarm-unreachable = the source does not answer
alarm-lag = polls are late
alarm-do-silent = Open the source in a browser. If there are new posts there and not here, check its address and kind; if there are none there either, nothing is to be done: the alarm ends by itself.
alarm-do-empty = Open the source in a browser. If posts are seen there, the network hides them from the program: change the key or the server’s address. If they were deleted, pause the source.
alarm-do-layout = The network has changed the form of its answers. Send what came to whoever maintains the program; until then read this source yourself.
alarm-do-closed = Ask for access, correct the address or remove the source, then press “Resume”.
alarm-do-login = Get a new key, or pass the network’s check with this account, and put the key into its file. The other keys go on.
alarm-do-unreachable = Check the server’s connection to this network. The program tries again by itself.
alarm-do-lag = There are not enough requests for all sources. Add a key, remove sources that are not needed, or mark those that matter less.
alarm-subject-key = key { $number } of { $network }
alarm-since = since { $when }
alarms-title = Alarms
alarms-none = There are no alarms now.
alarms-past = Past ones
alarm-ended = ended { $when }
whole-all = Everything is seen: { $count ->
    [one] { $count } source is read
   *[other] all { $count } sources are read
}.
whole-part = Not everything is seen.
whole-planned = Sources: { $count }
whole-polled = read: { $count }
whole-refused = refused: { $count }
whole-failed = failed: { $count }
whole-paused = paused by a person: { $count }
whole-waiting = not asked yet: { $count }
whole-blind = not seen: { $count }
whole-partial = streams that show a part: { $count }
whole-gaps = gaps: { $count }
whole-filling = gaps being filled: { $count }
whole-lost = gaps not to be had: { $count }
whole-filled = filled: { $count }
gap-filled = filled { $when }

## poll-trouble, send-trouble: why something is not read or not delivered

poll-trouble-rate-limited = The network asks us to come less often. We wait and go on by ourselves.
poll-trouble-quota = Today's requests are used up. We go on when the network allows it; if it is so every day, add a key or poll less often.
poll-trouble-unauthorised = The network does not accept the access key. Get a new one, put it into the key's file and resume the source.
poll-trouble-captcha = The network wants to be sure that a person asks. Pass its check with this account and resume the source.
poll-trouble-forbidden = Access is closed: the community has become private or the channel shows no posts. Ask for access or remove the source.
poll-trouble-gone = The source is not there any more. Check its address; correct it if it has moved, remove it if it was deleted.
poll-trouble-config = The source is described wrongly. Check its address and kind in the file of sources.
poll-trouble-unavailable = The network does not answer. We try again by ourselves; if it lasts, check the server's connection to this network.
poll-trouble-malformed = The answer could not be read: the network may have changed its form. If it lasts, tell whoever maintains the program.
poll-trouble-other = Reading failed. The cause is below.
send-trouble-no-mail-server = No mail server is configured: fill in the section [mail].
send-trouble-bad-address = The recipient's address is written wrongly: correct it in the file of bodies.
send-trouble-timeout = The recipient did not answer in time.
send-trouble-no-connection = No connection to the recipient: check the address and the network.
send-trouble-no-tls = No secure connection to the mail server: check its certificate and the setting tls.
send-trouble-not-let-in = The mail server does not accept our account: check login and password in the section [mail].
send-trouble-asks-to-wait = The recipient asks us to wait.
send-trouble-failed = The recipient's system has broken down.
send-trouble-refused = The recipient refused: check the address and the signing key.
send-trouble-no-secret = The file with the signing key cannot be read: check secret_file in the file of bodies.
send-trouble-inside = The address leads inside the closed network: if that is meant, add its host to private_hosts in the section [webhooks].
send-trouble-internal = The notice could not be written: the cause is below.
send-trouble-other = Sending failed: the cause is below.
send-next-waiting = We try again by ourselves.
send-next-stuck = We do not try any more: tell them by another way.
stage-failing = failing, trying again

## account, help

account-title = Account
password-title = Change the password
password-old = Present password
password-new = New password
password-again = New password once more
password-change = Change
password-not-the-same = The new passwords differ.
password-old-wrong = The present password does not match.
password-too-short = At least { $count } characters are needed.
password-too-long = The password is too long.
help-title = Keys
help-keys = Keys
help-layout = They work in the Russian and the Latin layout and are off in text fields.
key-move = next, previous
key-accept = accept the proposal and go on
key-open = open the card / back to the list
key-fields = topic, municipality, body, scale
key-join = join with the similar one / not the same
key-split = split in two / keep together
key-drop = drop with a reason
key-newer = show new ones
key-find = search
key-undo = undo the last action
key-help = this list
