//! The reader of `text/event-stream`: bytes in pieces of any size become
//! events, heartbeats and the wait that a server asks for. Knows no network.

/// What stands in a stream of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Event {
        /// `message` where the server does not say.
        name: String,
        data: String,
        /// The last id that was told, if any.
        id: Option<String>,
    },
    /// A comment: servers send them to show that they live.
    Heartbeat,
    /// Milliseconds to wait before connecting again.
    Retry(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of more than {0} bytes")]
pub struct TooLong(usize);

#[derive(Debug)]
pub struct Parser {
    max_bytes: usize,
    line: Vec<u8>,
    /// The last byte was a carriage return, which may be half of a line's end.
    after_return: bool,
    is_first_line: bool,
    name: String,
    data: Option<String>,
    id: Option<String>,
}

impl Parser {
    /// No event is longer than that, nor any line.
    pub fn new(max_bytes: usize) -> Parser {
        Parser {
            max_bytes,
            line: Vec::new(),
            after_return: false,
            is_first_line: true,
            name: String::new(),
            data: None,
            id: None,
        }
    }

    /// Takes the next bytes and gives what they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, TooLong> {
        let mut pieces = Vec::new();
        for byte in bytes {
            let is_second_half = self.after_return && *byte == b'\n';
            self.after_return = *byte == b'\r';
            match byte {
                b'\n' if is_second_half => {}
                b'\n' | b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    pieces.extend(self.line(&line)?);
                }
                _ if self.line.len() < self.max_bytes => self.line.push(*byte),
                _ => return Err(TooLong(self.max_bytes)),
            }
        }
        Ok(pieces)
    }

    fn line(&mut self, line: &[u8]) -> Result<Option<Piece>, TooLong> {
        let text = String::from_utf8_lossy(line);
        let mut text: &str = &text;
        if std::mem::take(&mut self.is_first_line) {
            text = text.trim_start_matches('\u{feff}');
        }
        if text.is_empty() {
            return Ok(self.dispatch());
        }
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => return Ok(Some(Piece::Heartbeat)),
            "event" => self.name = value.to_owned(),
            "data" => self.take(value)?,
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" => return Ok(value.parse().ok().map(Piece::Retry)),
            _ => {}
        }
        Ok(None)
    }

    /// Lines of data are joined by line breaks.
    fn take(&mut self, value: &str) -> Result<(), TooLong> {
        let before = self.data.as_ref().map_or(0, |data| data.len() + 1);
        if self.max_bytes < before + value.len() {
            return Err(TooLong(self.max_bytes));
        }
        match &mut self.data {
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            None => self.data = Some(value.to_owned()),
        }
        Ok(())
    }

    /// An empty line ends an event; without data there was none.
    fn dispatch(&mut self) -> Option<Piece> {
        let name = std::mem::take(&mut self.name);
        let data = self.data.take()?;
        let name = if name.is_empty() { "message".to_owned() } else { name };
        Some(Piece::Event { name, data, id: self.id.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str, id: Option<&str>) -> Piece {
        let id = id.map(str::to_owned);
        Piece::Event { name: name.to_owned(), data: data.to_owned(), id }
    }

    #[test]
    fn events_are_read_whatever_the_pieces() {
        fn check(text: &str, expected: &[Piece]) {
            for size in 1..=text.len() {
                let mut parser = Parser::new(64);
                let mut got = Vec::new();
                for piece in text.as_bytes().chunks(size) {
                    got.extend(parser.feed(piece).unwrap());
                }
                assert_eq!(got, expected, "{text:?} by {size}");
            }
        }
        check("event: update\ndata: {\"id\":1}\n\n", &[event("update", "{\"id\":1}", None)]);
        check("data: снег\r\n\r\n", &[event("message", "снег", None)]);
        check("data:a\rdata: b\r\r", &[event("message", "a\nb", None)]);
        check("\u{feff}data: a\n\n", &[event("message", "a", None)]);
        check(
            "id: 7\ndata: a\n\ndata: b\n\n",
            &[event("message", "a", Some("7")), event("message", "b", Some("7"))],
        );
        check(":thump\n\n", &[Piece::Heartbeat]);
        check(":)\n\nretry: 2500\nretry: soon\n", &[Piece::Heartbeat, Piece::Retry(2500)]);
        check("event: filters_changed\n\n", &[]);
        check("data\n\n", &[event("message", "", None)]);
        check("unknown: x\ndata: a\n", &[]);
    }

    #[test]
    fn nothing_grows_without_end() {
        let mut parser = Parser::new(8);
        assert!(parser.feed(b"data: 12345").is_err());
        let mut parser = Parser::new(12);
        assert!(parser.feed(b"data: 12345\ndata: 67890\n").is_ok());
        assert!(parser.feed(b"data: 1\n").is_err());
    }
}
