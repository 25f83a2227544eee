//! Accounts, sessions, and the sources a person stopped.

use rusqlite::params;

use super::Apply;
use crate::adapters::store::commands::OpenSession;
use crate::adapters::store::error::StoreError;
use crate::model::person::Person;
use crate::model::source::SourceId;
use crate::model::time::{Timestamp, to_ms};

impl Apply<'_> {
    /// Adds a person or changes one; the password stays where none is given.
    pub(super) fn save_person(
        &mut self,
        person: &Person,
        password_hash: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let reach = serde_json::to_string(&person.reach)?;
        self.connection.execute(
            "INSERT INTO person VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, ''), ?7, ?8)
             ON CONFLICT (login) DO UPDATE SET name = ?2, role = ?3, reach = ?4, language = ?5,
                 password_hash = coalesce(?6, password_hash), disabled = ?7",
            params![
                person.login,
                person.name,
                person.role.as_str(),
                reach,
                person.language,
                password_hash,
                person.disabled,
                to_ms(at),
            ],
        )?;
        // A new password or a disabled account ends what was open under the old one.
        if person.disabled || password_hash.is_some() {
            self.connection.execute("DELETE FROM session WHERE login = ?1", [&person.login])?;
            self.connection
                .execute("DELETE FROM login_failure WHERE login = ?1", [&person.login])?;
        }
        Ok(())
    }

    pub(super) fn open_session(&mut self, session: OpenSession) -> Result<(), StoreError> {
        let now = to_ms(session.at);
        self.connection.execute("DELETE FROM session WHERE expires_at_ms < ?1", [now])?;
        self.connection.execute(
            "INSERT INTO session VALUES (?1, ?2, ?3, ?3, ?4)",
            params![session.token_hash, session.login, now, to_ms(session.expires_at)],
        )?;
        self.connection.execute("DELETE FROM login_failure WHERE login = ?1", [&session.login])?;
        self.journal(&session.entry)
    }

    pub(super) fn touch_session(
        &mut self,
        token_hash: &str,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE session SET seen_at_ms = ?2, expires_at_ms = ?3 WHERE token_hash = ?1",
            params![token_hash, to_ms(at), to_ms(expires_at)],
        )?;
        Ok(())
    }

    pub(super) fn close_session(&mut self, token_hash: &str) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM session WHERE token_hash = ?1", [token_hash])?;
        Ok(())
    }

    pub(super) fn login_failed(&mut self, login: &str, at: Timestamp) -> Result<(), StoreError> {
        self.connection
            .execute("INSERT INTO login_failure VALUES (?1, ?2)", params![login, to_ms(at)])?;
        Ok(())
    }

    pub(super) fn set_source_stopped(
        &mut self,
        source: &SourceId,
        stopped: bool,
    ) -> Result<(), StoreError> {
        self.ensure_source(source)?;
        self.connection.execute(
            "UPDATE source_state SET stopped = ?2, failures_in_row = 0, next_poll_at_ms = NULL
             WHERE id = ?1",
            params![source.0, stopped],
        )?;
        Ok(())
    }

    pub(super) fn ensure_source(&mut self, source: &SourceId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO source_state (id, cursor) VALUES (?1, '') ON CONFLICT DO NOTHING",
            )?
            .execute([&source.0])?;
        Ok(())
    }
}
