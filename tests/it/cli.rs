//! The real program on the command line: what it prints, where, and with
//! which exit code. Every test has a folder of its own.

mod bad_input;
mod called;
mod checks;
mod new_network;
mod secrets;
mod serving;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// A folder in which the program is run; its data folder is `data` in it.
pub struct Place {
    dir: tempfile::TempDir,
}

/// A command that has ended. Printed whole when an assertion fails.
#[derive(Debug)]
pub struct Ran {
    command: String,
    code: Option<i32>,
    out: String,
    err: String,
}

impl Place {
    pub fn new() -> Place {
        Place { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// The command, not started, with this folder as its working folder.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_otklik"));
        command.args(args).current_dir(self.dir.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs over the data folder `data`.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.told(&[args, &["--data-dir", "data"]].concat(), "")
    }

    /// Runs with something on standard input.
    pub fn told(&self, args: &[&str], input: &str) -> Ran {
        let mut child = self.command(args).spawn().unwrap();
        let sent = child.stdin.take().unwrap().write_all(input.as_bytes());
        let done = child.wait_with_output().unwrap();
        let ran = Ran {
            command: format!("otklik {}", args.join(" ")),
            code: done.status.code(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        };
        // A command that ends early reads nothing; that shows in what it said.
        assert!(sent.is_ok() || input.is_empty() || ran.code != Some(0), "{ran}");
        ran
    }

    /// The shipped folder of that name, copied to `to`.
    pub fn copy_shipped(&self, name: &str, to: &str) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let file = path.file_name().unwrap().to_str().unwrap();
                self.write(&format!("{to}/{file}"), std::fs::read(&path).unwrap());
            }
        }
    }

    /// Puts text in front of a file.
    pub fn prepend(&self, name: &str, text: &str) {
        let old = std::fs::read_to_string(self.path(name)).unwrap();
        self.write(name, format!("{text}{old}"));
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ran { command, code, out, err } = self;
        write!(f, "\n$ {command}\nexit {code:?}\n-- stdout\n{out}\n-- stderr\n{err}")
    }
}

impl Ran {
    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Standard output as one JSON value and nothing else.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}{self}"))
    }

    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        let parse =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}{self}"));
        self.out.lines().map(parse).collect()
    }

    /// All of this stands on one line of what was printed, on either stream.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Ran {
        let mut lines = self.out.lines().chain(self.err.lines());
        let found = lines.any(|line| words.iter().all(|word| line.contains(word)));
        assert!(found, "no line with {words:?}{self}");
        self
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[track_caller]
fn has_keys(value: &Value, expected: &str) {
    assert_eq!(keys(value), expected.split(' ').collect(), "{value}");
}

const REPORT: &str = "received new known rejected matched incidents seconds posts_per_sec \
                      first_tenth_per_sec last_tenth_per_sec peak_rss_bytes";
const INCIDENT: &str = "id number title state topic topic_group territory settlement place scale \
                        risk networks posts authors reach body official opened_at \
                        first_answer_due_at final_answer_due_at answered_at closed_at outcome \
                        overdue suggestions repeat_of copies campaign";

pub fn line(network: &str, id: &str, text: &str) -> Value {
    json!({
        "network": network, "native_id": id, "text": text,
        "published_at": "2026-11-20T08:00:00Z", "author_id": format!("{network}-{id}"),
    })
}

pub fn ndjson(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Two complaints about one lamp from two networks, one about a pit, a greeting.
pub fn some_posts() -> String {
    ndjson(&[
        line("vk", "1", "Не горит фонарь у дома 14 на улице Ленина в Вологде"),
        line("telegram", "town/2", "Вологда, Ленина 14, фонарь не горит вторую неделю, темень"),
        line("vk", "3", "Огромная яма на проспекте Победы 100 в Череповце, пробил колесо"),
        line("vk", "4", "Поздравляю всех с первым снегом!"),
    ])
}

pub fn imported() -> Place {
    let place = Place::new();
    place.write("posts.ndjson", some_posts());
    place.run(&["import", "posts.ndjson"]).exits(0);
    place
}

#[track_caller]
fn count(report: &Value, key: &str, expected: u64) {
    assert_eq!(report[key], expected, "{key} in {report}");
}

#[test]
fn import_reports_and_imports_once() {
    let place = Place::new();
    place.write("posts.ndjson", some_posts());
    let report = place.run(&["import", "posts.ndjson"]).exits(0).json();
    has_keys(&report, REPORT);
    for (key, expected) in [
        ("received", 4),
        ("new", 4),
        ("known", 0),
        ("rejected", 0),
        ("matched", 3),
        ("incidents", 2),
    ] {
        count(&report, key, expected);
    }
    assert!(report["seconds"].as_f64().unwrap() > 0.0, "{report}");
    assert!(report["posts_per_sec"].as_f64().unwrap() > 0.0, "{report}");
    let again = place.run(&["import", "posts.ndjson"]).exits(0).json();
    for (key, expected) in
        [("received", 4), ("new", 0), ("known", 4), ("matched", 0), ("incidents", 0)]
    {
        count(&again, key, expected);
    }
}

/// Goal: an import ends even where its last fact is no post. Method: other
/// rules and a decision come between two imports of the same file.
#[test]
fn an_import_of_nothing_new_ends() {
    let place = imported();
    place.run(&["incidents", "join", "1", "2"]).exits(0);
    let report = place.run(&["import", "posts.ndjson"]).exits(0).json();
    count(&report, "known", 4);
    place.copy_shipped("keywords", "own");
    place.prepend("own/roads.toml", "# changed\n");
    place.write("otklik.toml", "keywords_dir = \"own\"\n");
    let again = ["import", "posts.ndjson", "--config", "otklik.toml"];
    count(&place.run(&again).exits(0).json(), "known", 4);
}

#[test]
fn import_reads_csv() {
    let place = Place::new();
    let csv = "id,text,published_at,topic\n\
               1,\"Не горит фонарь, улица Ленина 14, Вологда\",2026-11-20 08:00:00,свет\n\
               2,\"С первым снегом,\nсоседи\",,\n";
    place.write("posts.csv", csv);
    let report = place.run(&["import", "posts.csv"]).exits(0).json();
    has_keys(&report, REPORT);
    for (key, expected) in [("received", 2), ("new", 2), ("matched", 1), ("incidents", 1)] {
        count(&report, key, expected);
    }
    let found = place.run(&["search", "фонарь", "--output", "json"]).exits(0).json();
    assert_eq!(found["posts"][0]["post"], "file:1", "{found}");
}

#[test]
fn what_was_imported_is_found_and_explained() {
    let place = imported();
    let found = place.run(&["search", "фонарь", "--output", "json"]).exits(0).json();
    assert_eq!(found["total"], 2, "{found}");
    place.run(&["search", "фонарь"]).exits(0).says(&["vk:1"]);
    place.run(&["search", "погода:снег"]).exits(2).says(&["погода"]);
    let matched = place.run(&["explain", "vk:1", "--output", "json"]).exits(0).json();
    assert_eq!(matched["verdict"], "matched", "{matched}");
    for part in ["topics", "places", "memberships"] {
        assert!(!matched[part].as_array().unwrap().is_empty(), "{part} in {matched}");
    }
    assert!(matched["specificity"].is_number(), "{matched}");
    let joined = place.run(&["explain", "telegram:town/2", "--output", "json"]).exits(0).json();
    assert_eq!(joined["memberships"][0]["incident"], matched["memberships"][0]["incident"]);
    let other = place.run(&["explain", "vk:4", "--output", "json"]).exits(0).json();
    assert_ne!(other["verdict"], "matched", "{other}");
    assert_eq!(other["memberships"], json!([]), "{other}");
    place.run(&["explain", "vk:4"]).exits(0).says(&["vk:4"]);
    place.run(&["explain", "vk:99"]).exits(1).says(&["vk:99"]);
    place.run(&["explain", "nothing"]).exits(2);
}

/// Incidents in a listing, by number, with the count of their posts.
fn listed(place: &Place) -> Vec<(u64, u64)> {
    let list = place.run(&["incidents", "list", "--output", "json"]).exits(0).json();
    let list = list.as_array().unwrap();
    list.iter().for_each(|one| has_keys(one, INCIDENT));
    let mut found: Vec<(u64, u64)> = list
        .iter()
        .map(|one| (one["id"].as_u64().unwrap(), one["posts"].as_u64().unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn incidents_are_listed_joined_split_and_put_back() {
    let place = imported();
    let before = listed(&place);
    assert_eq!(before.iter().map(|one| one.1).collect::<Vec<_>>(), [2, 1], "{before:?}");
    let (lamp, pit) = (before[0].0.to_string(), before[1].0.to_string());

    let shown = place.run(&["incidents", "show", &lamp, "--output", "json"]).exits(0).json();
    has_keys(
        &shown,
        &format!(
            "{INCIDENT} members answers candidates merges split families answers_seen similar"
        ),
    );
    assert_eq!(shown["networks"], json!(["telegram", "vk"]), "{shown}");
    for member in shown["members"].as_array().unwrap() {
        has_keys(&member["reason"], "kind score parts");
        assert!(member["post"].is_string(), "{member}");
    }
    let parts = &shown["members"][1]["reason"]["parts"];
    has_keys(&parts[0], "name value weight text");
    place.run(&["incidents", "show", "99"]).exits(1).says(&["99"]);
    place.run(&["incidents", "list", "--state", "asleep"]).exits(2).says(&["asleep", "new"]);

    let done = place.run(&["incidents", "join", &lamp, &pit, "--output", "json"]).exits(0).json();
    assert_eq!(done["result"], "done");
    assert_eq!(listed(&place).iter().map(|one| one.1).collect::<Vec<_>>(), [3]);
    let undo = done["action"].to_string();
    place.run(&["incidents", "undo", &undo]).exits(0);
    assert_eq!(listed(&place), before);
    place.run(&["incidents", "join", &lamp, "99"]).exits(1).says(&["99"]);

    place.run(&["incidents", "split", &pit, "vk:1"]).exits(1).says(&["vk:1", &pit]);
    place.run(&["incidents", "split", &lamp, "telegram:town/2"]).exits(0);
    assert_eq!(listed(&place).iter().map(|one| one.1).collect::<Vec<_>>(), [1, 1, 1]);
    place.run(&["incidents", "undo", "999999"]).exits(1).says(&["Отказано"]);
    place.run(&["journal", "verify"]).exits(0);
}

/// Goal: what people read is in one language, the one that they chose.
/// Method: every command that tells, in both; Russian is what nobody chose.
#[test]
fn commands_speak_one_language() {
    let place = imported();
    let id = listed(&place)[0].0.to_string();
    let commands: [&[&str]; 8] = [
        &["incidents", "list"],
        &["incidents", "show", &id],
        &["explain", "vk:1"],
        &["deadline", "explain", &id],
        &["search", "фонарь"],
        &["routes", "test", "--topic=street-lights-off"],
        &["journal", "verify"],
        &["incidents", "show", "99"],
    ];
    for command in commands {
        let told = |more: &[&str]| {
            let ran = place.run(&[command, more].concat());
            format!("{}{}", ran.out, ran.err)
        };
        let (plain, russian, english) =
            (told(&[]), told(&["--lang", "ru"]), told(&["--lang", "en"]));
        assert_eq!(plain, russian, "{command:?}");
        assert_ne!(russian, english, "{command:?}");
        for word in ["posts,", "due ", "risk ", "opened", "joined", "there is no", "Incident"] {
            assert!(!russian.contains(word), "{command:?} says «{word}»: {russian}");
        }
        for word in ["Инцидент", "срок", "сообщени", "осталось", "Нет", "Найдено", "Тема"]
        {
            assert!(!english.contains(word), "{command:?} says «{word}»: {english}");
        }
    }
    place.run(&["incidents", "list", "--lang", "de"]).exits(2).says(&["ru or en"]);
}

#[test]
fn deadlines_are_explained() {
    let place = imported();
    let id = listed(&place)[0].0.to_string();
    let told = place.run(&["deadline", "explain", &id, "--output", "json"]).exits(0).json();
    let first = &told["deadlines"][0];
    assert!(first["due_at"].is_string() && first["spans"].is_array(), "{told}");
    assert!(told["zone"].is_string() && told["rule_version"].is_string(), "{told}");
    let shown = place.run(&["incidents", "show", &id, "--output", "json"]).exits(0).json();
    assert_eq!(first["due_at"], shown["first_answer_due_at"], "{told}");
    place.run(&["deadline", "explain", &id]).exits(0);
    place.run(&["deadline", "explain", "99"]).exits(1).says(&["99"]);
}

#[test]
fn routes_say_who_answers() {
    let place = Place::new();
    place.copy_shipped("regions/vologda", "own");
    place.write("own/routes.toml", "body = \"governor-office\"\n");
    place.write("otklik.toml", "region_dir = \"own\"\n");
    let topic = "--topic=street-lights-off";
    let ask = ["routes", "test", topic, "--territory", "vologda", "--strict"];
    let shipped = place.run(&[&ask[..], &["--output", "json"]].concat()).exits(0).json();
    assert_eq!(shipped["only_root"], false, "{shipped}");
    place
        .run(&[&ask[..], &["--config", "otklik.toml"]].concat())
        .exits(1)
        .says(&["governor-office"]);
    let lax = ["routes", "test", topic, "--territory", "vologda", "--config", "otklik.toml"];
    place.run(&lax).exits(0);
    place.run(&["routes", "test", "--topic", "none"]).exits(2).says(&["none"]);
    let tree = place.run(&["routes", "tree", "--output", "json"]).exits(0).json();
    assert!(tree.as_array().unwrap().len() > 10, "{tree}");
}

#[test]
fn exported_posts_are_every_row_once_and_come_back() {
    let place = imported();
    let first = place.run(&["export", "posts"]).exits(0);
    let ids: Vec<Value> = first.lines().iter().map(|one| one["native_id"].clone()).collect();
    assert_eq!(ids, ["1", "town/2", "3", "4"], "{first}");
    place.write("again.ndjson", &first.out);
    let other = ["import", "again.ndjson", "--data-dir", "other"];
    let report = place.told(&other, "").exits(0).json();
    count(&report, "new", 4);
    let second = place.told(&["export", "posts", "--data-dir", "other"], "").exits(0);
    assert_eq!(first.out, second.out);
    let incidents = place.run(&["export", "incidents"]).exits(0).lines();
    assert_eq!(incidents.len(), 2);
    incidents.iter().for_each(|one| has_keys(one, INCIDENT));
    assert!(place.run(&["export", "posts", "--since", "2999-01-01"]).exits(0).lines().is_empty());
    place.run(&["export", "posts", "--since", "once"]).exits(2).says(&["once"]);
}

#[test]
fn a_replay_compares_rulesets() {
    let place = imported();
    place.copy_shipped("keywords", "rules/keywords");
    let replay = ["replay", "--ruleset", "rules", "--output", "json"];
    let same = place.run(&replay).exits(0).json();
    assert_eq!((&same["before"], &same["same"]), (&json!(2), &json!(2)), "{same}");
    // Without its topic a concrete complaint would go on under the general one.
    for file in ["lighting.toml", "other.toml"] {
        std::fs::remove_file(place.path("rules/keywords").join(file)).unwrap();
    }
    // Routes and examples may still speak of the topic: only its incident goes.
    let other = place.run(&replay).exits(0).json();
    assert_eq!((&other["after"], &other["gone"]), (&json!(1), &json!(1)), "{other}");
    place.run(&["replay", "--ruleset", "none"]).exits(2).says(&["none"]);
}

#[test]
fn a_backup_can_be_restored() {
    let place = imported();
    place.run(&["backup", "copy"]).exits(0);
    place.run(&["backup", "copy"]).exits(1).says(&["exists already"]);
    place.told(&["restore", "copy", "--data-dir", "other"], "").exits(0);
    place.run(&["restore", "copy"]).exits(1).says(&["exists already"]);
    let posts = place.run(&["export", "posts"]).exits(0);
    let restored = place.told(&["export", "posts", "--data-dir", "other"], "").exits(0);
    assert_eq!(posts.out, restored.out);
    place.told(&["restore", "nowhere", "--data-dir", "third"], "").exits(1).says(&["nowhere"]);
}

#[test]
fn accounts_take_their_passwords_from_standard_input() {
    let place = Place::new();
    let add = ["user", "add", "ivanova", "--name", "А. Иванова", "--role", "analyst"];
    let add = [&add[..], &["--data-dir", "data"]].concat();
    place.told(&add, "short\n").exits(1).says(&["10 characters"]);
    place.told(&add, "").exits(1).says(&["standard input"]);
    place.told(&add, "long enough it is\n").exits(0);
    place.told(&add, "long enough it is\n").exits(1).says(&["already", "ivanova"]);
    let of = |what| ["user", what, "ivanova", "--data-dir", "data"];
    place.told(&of("password"), "another long one\n").exits(0);
    place.told(&of("disable"), "").exits(0);
    let wrong = ["user", "add", "petrov", "--name", "П", "--role", "king", "--data-dir", "data"];
    place.told(&wrong, "long enough it is\n").exits(2).says(&["king"]);
    for role in ["coordinator", "official"] {
        let alone = ["user", "add", role, "--name", "П", "--role", role, "--data-dir", "data"];
        place.told(&alone, "long enough it is\n").exits(2).says(&[role, "--body"]);
    }
    let journal = place.run(&["export", "journal"]).exits(0);
    let actions: Vec<Value> = journal.lines().iter().map(|one| one["action"].clone()).collect();
    assert_eq!(actions, ["user_add", "user_password", "user_disable"], "{journal}");
    assert!(!journal.out.contains("long enough"), "no password is told to anybody");
}

#[test]
fn a_broken_journal_is_noticed() {
    let place = Place::new();
    let add = ["user", "add", "ivanova", "--name", "И", "--role", "analyst", "--data-dir", "data"];
    place.told(&add, "long enough it is\n").exits(0);
    let whole = place.run(&["journal", "verify", "--output", "json"]).exits(0).json();
    assert_eq!((&whole["whole"], &whole["entries"]), (&json!(true), &json!(1)), "{whole}");
    let file = rusqlite::Connection::open(place.path("data/otklik.db")).unwrap();
    let change = "DROP TRIGGER journal_is_a_fact; UPDATE journal SET actor = 'petrova';";
    file.execute_batch(change).unwrap();
    drop(file);
    let broken = place.run(&["journal", "verify", "--output", "json"]).exits(1).json();
    assert_eq!((&broken["whole"], &broken["seq"]), (&json!(false), &json!(1)), "{broken}");
}

#[test]
fn recorded_payloads_become_posts_or_classified_errors() {
    let place = Place::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let extract = |network: &str, kind: &str, file: &str| {
        let file = fixtures.join(network).join(file);
        let file = file.to_str().unwrap();
        place.told(&["connector", "extract", network, "--kind", kind, file], "")
    };
    let posts = extract("vk", "posts", "normal.json").exits(0).lines();
    assert!(!posts.is_empty() && posts.iter().all(|post| post["network"] == "vk"));
    for (file, code, retryable) in [("unauthorised.json", 1, false), ("rate-limited.json", 3, true)]
    {
        let ran = extract("vk", "posts", file).exits(code);
        let error: Value = serde_json::from_str(&ran.err).unwrap_or_else(|e| panic!("{e}{ran}"));
        assert_eq!((&ran.out[..], &error["retryable"]), ("", &json!(retryable)), "{ran}");
    }
    extract("vk", "stories", "normal.json").exits(2);
    extract("myspace", "posts", "normal.json").exits(2).says(&["myspace"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let place = imported();
    let mut child = place.command(&["export", "posts", "--data-dir", "data"]).spawn().unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
}
