//! Accounts and sessions.

use rusqlite::{Row, params};

use super::Reader;
use crate::adapters::store::error::StoreError;
use crate::model::person::{Person, Role};
use crate::model::time::{Timestamp, from_ms, to_ms};

/// A running session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSession {
    pub person: Person,
    pub created_at: Timestamp,
    /// When it was last prolonged.
    pub seen_at: Timestamp,
}

impl Reader {
    pub fn person(&self, login: &str) -> Result<Option<Person>, StoreError> {
        self.one(
            "SELECT login, name, role, reach, disabled, language FROM person WHERE login = ?1",
            [login],
            person,
        )
    }

    pub fn persons(&self) -> Result<Vec<Person>, StoreError> {
        self.all(
            "SELECT login, name, role, reach, disabled, language FROM person ORDER BY login",
            [],
            person,
        )
    }

    /// The argon2 text of a person's password.
    pub fn password_hash(&self, login: &str) -> Result<Option<String>, StoreError> {
        self.one(
            "SELECT password_hash FROM person WHERE login = ?1",
            [login],
            |row| Ok(row.get(0)?),
        )
    }

    /// A session that has not run out, and who holds it.
    pub fn session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<OpenedSession>, StoreError> {
        self.one(
            "SELECT person.login, name, role, reach, disabled, language,
                    session.created_at_ms, seen_at_ms
             FROM session JOIN person ON person.login = session.login
             WHERE token_hash = ?1 AND expires_at_ms > ?2 AND disabled = 0",
            params![token_hash, to_ms(now)],
            |row| {
                Ok(OpenedSession {
                    person: person(row)?,
                    created_at: from_ms(row.get(6)?),
                    seen_at: from_ms(row.get(7)?),
                })
            },
        )
    }

    /// Wrong passwords of a login since an instant.
    pub fn login_failures(&self, login: &str, since: Timestamp) -> Result<u32, StoreError> {
        let count = self.one(
            "SELECT count(*) FROM login_failure WHERE login = ?1 AND at_ms > ?2",
            params![login, to_ms(since)],
            |row| Ok(row.get(0)?),
        )?;
        Ok(count.unwrap_or(0))
    }
}

fn person(row: &Row<'_>) -> Result<Person, StoreError> {
    let role: String = row.get(2)?;
    Ok(Person {
        login: row.get(0)?,
        name: row.get(1)?,
        role: Role::parse(&role).ok_or_else(|| StoreError::Corrupt(format!("role {role}")))?,
        reach: serde_json::from_str(row.get_ref(3)?.as_str()?)?,
        disabled: row.get(4)?,
        language: row.get(5)?,
    })
}
