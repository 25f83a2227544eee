//! Alarms, and the figures that they and the schedule are judged by.

use std::collections::BTreeMap;

use rusqlite::{Row, params};

use super::Reader;
use super::gaps::ON_OWN_PAGES;
use crate::adapters::store::commands::Spent;
use crate::adapters::store::error::StoreError;
use crate::model::alarm::{Alarm, AlarmKind, Subject};
use crate::model::source::{HourCount, SourceId};
use crate::model::time::{Timestamp, from_ms, to_ms};

const ALARM_COLUMNS: &str = "id, subject, kind, raised_at_ms, ended_at_ms, detail";

impl Reader {
    /// Oldest first.
    pub fn open_alarms(&self) -> Result<Vec<Alarm>, StoreError> {
        self.all(
            &format!("SELECT {ALARM_COLUMNS} FROM alarm WHERE ended_at_ms IS NULL ORDER BY id"),
            [],
            alarm,
        )
    }

    /// Newest first, those that ended among them.
    pub fn alarms(&self, limit: usize) -> Result<Vec<Alarm>, StoreError> {
        self.all(
            &format!("SELECT {ALARM_COLUMNS} FROM alarm ORDER BY id DESC LIMIT ?1"),
            [limit as i64],
            alarm,
        )
    }

    /// Both ends included.
    pub fn alarms_between(&self, first: i64, last: i64) -> Result<Vec<Alarm>, StoreError> {
        self.all(
            &format!("SELECT {ALARM_COLUMNS} FROM alarm WHERE id BETWEEN ?1 AND ?2 ORDER BY id"),
            [first, last],
            alarm,
        )
    }

    pub fn last_alarm_id(&self) -> Result<i64, StoreError> {
        let id = self.one("SELECT coalesce(max(id), 0) FROM alarm", [], |row| Ok(row.get(0)?))?;
        Ok(id.unwrap_or(0))
    }

    /// Hands over the posts published since an instant by the hour, source by
    /// source: all of them together would be too much to hold. Comments that are
    /// read with their threads say nothing about when to ask for posts.
    pub fn posts_by_hour(
        &self,
        since: Timestamp,
        mut visit: impl FnMut(&str, &[HourCount]),
    ) -> Result<(), StoreError> {
        let (mut source, mut hours) = (String::new(), Vec::new());
        self.each(
            &format!(
                "SELECT source, published_at_ms / 3600000 AS hour, count(*) FROM post
                 WHERE source IS NOT NULL AND ?1 <= published_at_ms AND {ON_OWN_PAGES}
                 GROUP BY source, hour ORDER BY source, hour"
            ),
            [to_ms(since)],
            |row| {
                if row.get_ref(0)?.as_str()? != source {
                    visit(&source, &hours);
                    (source, hours) = (row.get(0)?, Vec::new());
                }
                hours.push(HourCount { hour: row.get(1)?, posts: row.get(2)? });
                Ok(())
            },
        )?;
        visit(&source, &hours);
        Ok(())
    }

    /// The same of one source.
    pub fn posts_by_hour_of(
        &self,
        source: &SourceId,
        since: Timestamp,
    ) -> Result<Vec<HourCount>, StoreError> {
        self.all(
            &format!(
                "SELECT published_at_ms / 3600000 AS hour, count(*) FROM post
                 WHERE source = ?1 AND ?2 <= published_at_ms AND {ON_OWN_PAGES} GROUP BY hour"
            ),
            params![source.0, to_ms(since)],
            |row| Ok(HourCount { hour: row.get(0)?, posts: row.get(1)? }),
        )
    }

    /// Items since an instant that could not be read, by source.
    pub fn rejected_since(&self, since: Timestamp) -> Result<BTreeMap<String, u64>, StoreError> {
        self.counts_since("SELECT source, count(*) FROM rejected WHERE ?1 <= at_ms", since)
    }

    /// Posts first seen since an instant, by source.
    pub fn read_since(&self, since: Timestamp) -> Result<BTreeMap<String, u64>, StoreError> {
        self.counts_since("SELECT source, count(*) FROM post WHERE ?1 <= first_seen_at_ms", since)
    }

    fn counts_since(
        &self,
        counting: &str,
        since: Timestamp,
    ) -> Result<BTreeMap<String, u64>, StoreError> {
        let sql = format!("{counting} AND source IS NOT NULL GROUP BY source");
        let rows = self.all(&sql, [to_ms(since)], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?.max(0) as u64))
        })?;
        Ok(rows.into_iter().collect())
    }

    pub fn spent(&self) -> Result<Vec<Spent>, StoreError> {
        self.all("SELECT credential, kind, day, requests FROM spent", [], |row| {
            Ok(Spent {
                credential: row.get(0)?,
                kind: row.get(1)?,
                day: row.get(2)?,
                requests: row.get(3)?,
            })
        })
    }
}

fn alarm(row: &Row<'_>) -> Result<Alarm, StoreError> {
    let (subject, kind): (String, String) = (row.get(1)?, row.get(2)?);
    let ended: Option<i64> = row.get(4)?;
    let wrong = |what: &str| StoreError::Corrupt(format!("alarm of {what}"));
    Ok(Alarm {
        id: row.get(0)?,
        subject: Subject::parse(&subject).ok_or_else(|| wrong(&subject))?,
        kind: AlarmKind::parse(&kind).ok_or_else(|| wrong(&kind))?,
        raised_at: from_ms(row.get(3)?),
        ended_at: ended.map(from_ms),
        detail: row.get(5)?,
    })
}
