//! Every network's credential goes to a server that repeats whatever it is
//! sent. Afterwards everything the program ever wrote is searched: tables,
//! index, log at its most talkative, metrics, pages, answers, exports.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::definition::Auth;

use super::Place;
use super::serving::Server;
use crate::world::echo::{Echo, GRANTED};
use crate::world::workplace::Browser;

const PASSWORD: &str = "долгий пароль дежурного";
const ROLES: [&str; 2] = ["system", "administrator"];
const PAGES: [&str; 8] = [
    "/metrics",
    "/-/ready",
    "/sources",
    "/journal",
    "/board",
    "/triage",
    "/api/v1/sources",
    "/api/v1/journal",
];

/// A credential with signs that every encoding changes.
fn planted(network: &str, auth: &Auth) -> String {
    let part = |name: &str| format!("{network}/{name}+тайна=\"{network}\"&");
    match auth {
        Auth::OkSignature => format!(
            "application_key={}\napplication_secret_key={}\naccess_token={}\nsession_secret_key={}\n",
            part("key"),
            part("secret"),
            part("access"),
            part("session")
        ),
        Auth::ClientCredentials { .. } | Auth::AtSession { .. } => {
            format!("{}:{}", part("id"), part("secret"))
        }
        Auth::Header { .. } | Auth::Bearer => format!("{network}/header+secret=\"x\"&"),
        Auth::None | Auth::Query { .. } => part("token"),
    }
}

/// What must not be found: the parts, as they are and as they may be written.
fn needles(credential: &str) -> Vec<String> {
    let values = credential.lines().map(|line| line.split_once("_key=").map_or(line, |(_, v)| v));
    let values = values.flat_map(|line| line.trim_start_matches("access_token=").split(':'));
    let mut needles: Vec<String> = values.map(str::to_owned).collect();
    needles.push(credential.to_owned());
    let written = |text: &String| {
        let json = serde_json::to_string(text).unwrap();
        let json = json.trim_matches('"').to_owned();
        [
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            base64::engine::general_purpose::STANDARD.encode(text),
            json.replace('/', "\\/"),
            json,
            text.clone(),
        ]
    };
    needles.iter().flat_map(written).collect()
}

/// Every kind of source that every network has, eight of each: as many as the
/// echo has shapes.
fn sources(connectors: &Connectors) -> BTreeMap<String, String> {
    let kinds = connectors.iter().flat_map(|definition| {
        let kinds = definition.file.poll.iter().filter(|(_, kind)| !kind.is_about_posts());
        kinds.map(move |(name, _)| (definition.network.0.clone(), name.clone()))
    });
    let entry = |(network, kind): (String, String)| {
        let network = &network;
        (0..8)
            .map(move |n| {
                let id = format!("{network}:{kind}:{n}");
                let text = format!(
                    "[[source]]\nid = \"{id}\"\nnetwork = \"{network}\"\nkind = \"{kind}\"\n\
                 target = \"10{n}\"\nname = \"{n}\"\n"
                );
                (id, text)
            })
            .collect::<Vec<_>>()
    };
    kinds.flat_map(entry).collect()
}

fn place(echo: &Echo, connectors: &Connectors, planted: &BTreeMap<String, String>) -> Place {
    let place = Place::new();
    place.copy_shipped("regions/vologda", "region");
    let sources: Vec<String> = sources(connectors).into_values().collect();
    place.write("region/sources.toml", sources.join("\n"));
    let mut config = "data_dir = \"data\"\nlisten = \"127.0.0.1:0\"\nregion_dir = \"region\"\n\
                      [log]\nlevel = \"trace\"\nformat = \"json\"\n"
        .to_owned();
    for (network, credential) in planted {
        place.write(&format!("{network}.token"), credential);
        config.push_str(&format!(
            "[networks.{network}]\nbase_url = \"{}\"\nper_minute = 60000\ntoken_files = [\"{network}.token\"]\n",
            echo.base
        ));
    }
    place.write("otklik.toml", config);
    place
}

/// Everything under a folder, with where it stands.
fn written(dir: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => written(&path, found),
            false => {
                let bytes = std::fs::read(&path).unwrap();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                found.push((path.display().to_string(), text));
            }
        }
    }
}

/// Where a credential was found, with what stands around it.
fn told((name, text): &(String, String), needle: &str) -> String {
    let line = text.lines().find(|line| line.contains(needle)).unwrap_or("");
    let at = line.find(needle).unwrap_or(0);
    let before: String = line[..at].chars().rev().take(400).collect();
    format!("{name} holds «{needle}» after «{}»", before.chars().rev().collect::<String>())
}

/// Reads what people can read of a running server; each page is somebody's.
fn looked_at(server: &Server) -> Vec<(String, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut found = Vec::new();
    for role in ROLES {
        let mut browser = Browser::at(&format!("http://{}", server.address));
        let entered = runtime.block_on(browser.log_in(role, PASSWORD));
        assert!(entered.status.is_success(), "{}", entered.text);
        for path in PAGES {
            let answer = runtime.block_on(browser.get(path));
            if answer.status.is_success() {
                found.push((path.to_owned(), answer.text));
            }
        }
    }
    for path in PAGES {
        assert!(found.iter().any(|(name, _)| name == path), "nobody may see {path}");
    }
    found
}

#[test]
fn no_credential_is_found_in_anything_written() {
    let echo = Echo::start();
    let connectors = Connectors::shipped().unwrap();
    let networks = connectors.iter().map(|one| (one.network.0.clone(), &one.file.auth));
    let planted: BTreeMap<String, String> =
        networks.map(|(network, auth)| (network.clone(), planted(&network, auth))).collect();
    let place = place(&echo, &connectors, &planted);
    for role in ROLES {
        let account = ["user", "add", role, "--name", "Дежурный", "--role", role];
        place.told(&[&account[..], &["--data-dir", "data"]].concat(), PASSWORD).exits(0);
    }

    let mut server = Server::start(&place);
    let count = sources(&connectors).len();
    server.until("every source is polled", |server| {
        let lines = server.get("/metrics");
        let polled =
            lines.lines().filter(|line| line.starts_with("otklik_source_last_poll_age_seconds{"));
        count <= polled.count()
    });
    let mut found = looked_at(&server);
    let log = server.log();
    server.stop();
    found.push(("the log".to_owned(), log));
    for what in ["posts", "incidents", "journal"] {
        found.push((format!("export {what}"), place.run(&["export", what]).exits(0).out));
    }
    written(&place.path("data"), &mut found);

    let heard = echo.heard().join("\n");
    assert!(heard.contains("Basic ") && heard.contains(GRANTED), "tokens were asked for and used");
    assert!(500_000 < found.iter().map(|(_, text)| text.len()).sum::<usize>());
    for credential in planted.values().map(String::as_str).chain([GRANTED]) {
        for needle in needles(credential) {
            let leak = found.iter().find(|(_, text)| text.contains(&needle));
            assert!(leak.is_none(), "{}", leak.map_or(String::new(), |leak| told(leak, &needle)));
        }
    }
}
