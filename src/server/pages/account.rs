//! One's own account: the password; and the list of keys.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};

use super::chrome::Chrome;
use super::entrance::add_cookie;
use super::show;
use crate::adapters::store::commands::Command;
use crate::server::failure::Failure;
use crate::server::login;
use crate::server::password::{self, LENGTH_MIN_CHARS, PasswordError};
use crate::server::visitor::{Signed, Visitor};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    chrome: Chrome,
    login: String,
    problem: Option<String>,
    length_min: usize,
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    account(&visitor, None)
}

fn account(visitor: &Visitor, problem: Option<String>) -> Result<Response, Failure> {
    show(&AccountPage {
        chrome: Chrome::new(visitor, visitor.words.t("account-title")),
        login: visitor.person.login.clone(),
        problem,
        length_min: LENGTH_MIN_CHARS,
    })
}

/// A new password ends every other session of the person.
pub async fn password(signed: Signed) -> Result<Response, Failure> {
    let visitor = signed.visitor;
    let typed = |name: &str| {
        let found = signed.fields.pairs().iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let words = &visitor.words;
    if typed("new") != typed("again") {
        return account(&visitor, Some(words.t("password-not-the-same")));
    }
    let login = visitor.person.login.clone();
    let stored = visitor.state.store.read_async(move |reader| reader.password_hash(&login)).await?;
    if !password::is_right(typed("old"), stored).await {
        return account(&visitor, Some(words.t("password-old-wrong")));
    }
    let hash = match password::hash_aside(typed("new")).await {
        Ok(hash) => hash,
        Err(PasswordError::TooShort) => {
            let problem = words.n("password-too-short", LENGTH_MIN_CHARS as u64);
            return account(&visitor, Some(problem));
        }
        Err(PasswordError::TooLong) => {
            return account(&visitor, Some(words.t("password-too-long")));
        }
        Err(PasswordError::Hashing(why)) => {
            tracing::error!("a password could not be hashed: {why}");
            return Err(Failure::Broken);
        }
    };
    let entry = visitor.entry("password", format!("user:{}", visitor.person.login));
    let save =
        Command::SavePerson { person: visitor.person.clone(), password_hash: Some(hash), entry };
    visitor.state.store.write_async(save).await?;
    let token = login::open(&visitor.state, &visitor.person, visitor.now, &visitor.origin).await?;
    let mut response = Redirect::to("/account?done=password").into_response();
    add_cookie(&mut response, &login::session_cookie(&visitor.state.options, &token));
    Ok(response)
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    chrome: Chrome,
}

pub async fn help(visitor: Visitor) -> Result<Response, Failure> {
    show(&HelpPage { chrome: Chrome::new(&visitor, visitor.words.t("help-title")) })
}
