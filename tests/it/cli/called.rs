//! `otklik serve` is called by a community and killed before its «ok» arrives:
//! the network calls again, and there is one post.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::Place;
use super::serving::Server;

const SECRET: &str = "otvetNaSobytie7";

fn place() -> Place {
    let place = Place::new();
    place.copy_shipped("regions/vologda", "region");
    place.write("region/sources.toml", "");
    place.write("secret", format!("{SECRET}\n"));
    let config = "data_dir = \"data\"\nlisten = \"127.0.0.1:0\"\nregion_dir = \"region\"\n\
                  [networks.vk.callback.dvor]\ngroup_id = 5\nsecret_file = \"secret\"\n\
                  confirmation = \"c0de\"\n[log]\nformat = \"json\"\n";
    place.write("otklik.toml", config);
    place
}

fn event(number: usize) -> String {
    serde_json::json!({
        "type": "wall_post_new",
        "event_id": format!("e{number}"),
        "group_id": 5,
        "secret": SECRET,
        "object": {
            "id": number, "owner_id": -5, "from_id": 77, "date": 1_795_190_400 + number,
            "text": format!("Яма на проспекте Победы {number} в Череповце"),
        },
    })
    .to_string()
}

/// Calls, and leaves the answer to whoever wants to wait for it.
fn call(server: &Server, event: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let length = event.len();
    let head = format!(
        "POST /callback/vk/dvor HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(event.as_bytes()).unwrap();
    stream
}

fn answer(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn stored(place: &Place) -> usize {
    place.run(&["export", "posts"]).exits(0).lines().len()
}

#[test]
fn an_event_survives_a_kill_before_its_ok() {
    let place = place();
    for number in 1..=3 {
        let mut server = Server::start(&place);
        let unanswered = call(&server, &event(number));
        server.until("a stored event", |_| stored(&place) == number);
        // SIGKILL: nobody has read an «ok».
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        drop(unanswered);
        let server = Server::start(&place);
        for _ in 0..2 {
            let told = answer(call(&server, &event(number)));
            assert!(told.starts_with("HTTP/1.1 200") && told.ends_with("\r\n\r\nok"), "{told}");
        }
        assert_eq!(stored(&place), number, "told three times, stored once");
        server.stop();
    }
    place.run(&["journal", "verify"]).exits(0);
}
