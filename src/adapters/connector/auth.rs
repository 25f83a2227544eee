//! Credentials: where they come from, where they go in a request, and that
//! they appear nowhere else.

use std::path::Path;

use url::Url;

use crate::adapters::connector::definition::Auth;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::ok;

/// A token. Printing it shows that it is there, and no more.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("reading the token file {path}: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("the token file {path} is empty")]
    Empty { path: String },
}

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// Tokens come from files only: not from the configuration, not from the
    /// environment, where other programs read them.
    pub fn from_file(path: &Path) -> Result<Secret, SecretError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| SecretError::Unreadable { path: name.clone(), source })?;
        match text.trim() {
            "" => Err(SecretError::Empty { path: name }),
            token => Ok(Secret(token.to_owned())),
        }
    }

    /// The two halves of a proxy's credentials.
    pub fn login_and_password(&self) -> Option<(&str, &str)> {
        self.0.split_once(':')
    }

    /// The id and the secret of a program, where it is both.
    pub fn pair(&self) -> Option<(&str, &str)> {
        self.0.split_once(':').filter(|(id, secret)| !id.is_empty() && !secret.is_empty())
    }

    /// A name and its password, where the name may have colons of its own.
    pub fn last_pair(&self) -> Option<(&str, &str)> {
        self.0.rsplit_once(':').filter(|(name, password)| !name.is_empty() && !password.is_empty())
    }

    /// As a header says it.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// The secret's words: of a file with lines `name=value` every value is
    /// one, of an id with a secret the secret is.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let lines = self.0.lines().filter(|_| self.0.contains('\n'));
        let values = lines.filter_map(|line| line.split_once('=')).map(|(_, value)| value.trim());
        let secrets = [self.pair(), self.last_pair()].into_iter().flatten();
        let secrets = secrets.map(|(_, secret)| secret);
        let parts = values.filter(|value| !value.is_empty()).chain(secrets);
        std::iter::once(self.0.as_str()).chain(parts)
    }

    /// Whether somebody gave this very secret; how long the answer takes says
    /// nothing about either.
    pub fn is(&self, given: &str) -> bool {
        use sha2::Digest as _;
        use subtle::ConstantTimeEq as _;
        let digest = |text: &str| sha2::Sha256::digest(text.as_bytes());
        digest(&self.0).as_slice().ct_eq(digest(given).as_slice()).into()
    }

    /// A stable name of the credential for budgets, which does not give it away.
    pub fn label(&self) -> String {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(self.0.as_bytes());
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Puts the token where the network wants it: into the address, or into the
/// header that is returned.
pub fn apply(
    auth: &Auth,
    secret: Option<&Secret>,
    url: &mut Url,
) -> Result<Option<(String, String)>, PollError> {
    let Some(Secret(token)) = secret else { return Ok(None) };
    let header = match auth {
        Auth::None => None,
        Auth::Query { name } => {
            url.query_pairs_mut().append_pair(name, token);
            None
        }
        Auth::Header { name } => Some((name.clone(), token.clone())),
        Auth::Bearer | Auth::ClientCredentials { .. } | Auth::AtSession { .. } => {
            Some(("authorization".to_owned(), format!("Bearer {token}")))
        }
        Auth::OkSignature => {
            let wrong = |detail| PollError::new(ErrorClass::Config, detail);
            ok::Credentials::parse(token).map_err(wrong)?.sign(url);
            None
        }
    };
    Ok(header)
}

/// Whether a token file has the form that its network needs; `Err` says what
/// is wrong without the file's words.
pub fn check(auth: &Auth, secret: &Secret) -> Result<(), String> {
    match auth {
        Auth::OkSignature => ok::Credentials::parse(&secret.0).map(|_| ()),
        Auth::None
        | Auth::Query { .. }
        | Auth::Header { .. }
        | Auth::Bearer
        | Auth::ClientCredentials { .. }
        | Auth::AtSession { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_itself() {
        assert_eq!(format!("{:?}", Some(Secret::new("vk1.a.abc"))), "Some(…)");
        assert!(!Secret::new("vk1.a.abc").label().contains("abc"));
        assert_eq!(Secret::new("id:s:x").pair(), Some(("id", "s:x")));
        assert_eq!(Secret::new("vk1.a.abc").pair(), None);
    }

    #[test]
    fn tokens_come_from_files() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "  vk1.a.abc\n").unwrap();
        assert_eq!(Secret::from_file(&file).unwrap(), Secret::new("vk1.a.abc"));
        std::fs::write(&file, "\n").unwrap();
        assert!(matches!(Secret::from_file(&file), Err(SecretError::Empty { .. })));
        assert!(Secret::from_file(&folder.path().join("none")).is_err());
    }

    #[test]
    fn the_token_goes_where_the_network_wants_it() {
        let secret = Secret::new("abc");
        let mut url = Url::parse("https://x.example/m?v=5").unwrap();
        let header = apply(&Auth::Bearer, Some(&secret), &mut url).unwrap();
        assert_eq!(header.unwrap().1, "Bearer abc");
        assert_eq!(apply(&Auth::None, Some(&secret), &mut url), Ok(None));
        assert_eq!(apply(&Auth::Bearer, None, &mut url), Ok(None));
        let query = Auth::Query { name: "access_token".to_owned() };
        assert_eq!(apply(&query, Some(&secret), &mut url), Ok(None));
        assert_eq!(url.as_str(), "https://x.example/m?v=5&access_token=abc");
        assert_eq!(check(&Auth::Bearer, &secret), Ok(()));
        assert!(check(&Auth::OkSignature, &secret).is_err());
        let error = apply(&Auth::OkSignature, Some(&secret), &mut url).unwrap_err();
        assert_eq!(error.class, ErrorClass::Config);
    }
}
