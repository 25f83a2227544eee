//! Passwords: hashed with argon2id, compared on a thread where computing is
//! allowed, a few at a time. Knows nothing of sessions.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// 19 MiB, two passes, one lane: the second of the settings that OWASP names
/// as equally strong; about 30 ms on the machine that this is made for.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Shorter is guessed, longer is an attack on the hashing.
pub const LENGTH_MIN_CHARS: usize = 10;
const LENGTH_MAX_BYTES: usize = 512;

/// Hashes computed at once: a flood of logins must not take all the memory.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Compared with when a login is unknown, so that it takes as long as a known one.
static NOBODYS_HASH: LazyLock<String> =
    LazyLock::new(|| hash_password("nobody has this password").unwrap_or_default());

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("the password has fewer than {LENGTH_MIN_CHARS} characters")]
    TooShort,
    #[error("the password has more than {LENGTH_MAX_BYTES} bytes")]
    TooLong,
    #[error("the password cannot be hashed: {0}")]
    Hashing(String),
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| PasswordError::Hashing(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The text to store for a password. Takes tens of milliseconds of computing.
pub fn hash_password(password: &str) -> Result<String, PasswordError> {
    if password.chars().count() < LENGTH_MIN_CHARS {
        return Err(PasswordError::TooShort);
    }
    if LENGTH_MAX_BYTES < password.len() {
        return Err(PasswordError::TooLong);
    }
    let hash: PasswordHash = argon2()?
        .hash_password(password.as_bytes())
        .map_err(|error| PasswordError::Hashing(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password belongs to the stored text. Without a stored text the
/// answer is no, and takes the same time.
pub async fn is_right(password: String, stored: Option<String>) -> bool {
    let Ok(_permit) = AT_ONCE.acquire().await else { return false };
    let compared = tokio::task::spawn_blocking(move || {
        if LENGTH_MAX_BYTES < password.len() {
            return false;
        }
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODYS_HASH.clone());
        let Ok(argon2) = argon2() else { return false };
        argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok() && known
    });
    compared.await.unwrap_or(false)
}

/// `hash_password` on a thread where computing is allowed.
pub async fn hash_aside(password: String) -> Result<String, PasswordError> {
    let hashed = tokio::task::spawn_blocking(move || hash_password(&password)).await;
    hashed.unwrap_or_else(|error| Err(PasswordError::Hashing(error.to_string())))
}
