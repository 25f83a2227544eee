//! The one style sheet, the one script and the mark in the tab. Their
//! addresses change with their content, so that browsers may keep them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::server::failure::Failure;
use crate::server::session::hex;

const STYLE: &str = include_str!("../static/style.css");
const SCRIPT: &str = include_str!("../static/script.js");
const ICON: &str = include_str!("../static/icon.svg");

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| versioned("style.css", STYLE));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| versioned("script.js", SCRIPT));

fn versioned(name: &str, content: &str) -> String {
    format!("/static/{name}?v={}", &hex(&Sha256::digest(content.as_bytes()))[..12])
}

pub fn style_path() -> &'static str {
    &STYLE_PATH
}

pub fn script_path() -> &'static str {
    &SCRIPT_PATH
}

pub async fn file(Path(name): Path<String>) -> Result<Response, Failure> {
    let (kind, content) = match name.as_str() {
        "style.css" => ("text/css; charset=utf-8", STYLE),
        "script.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return Err(Failure::NotFound),
    };
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000")];
    Ok((headers, content).into_response())
}
