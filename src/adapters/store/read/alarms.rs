//! Alarms, and the figures that they and the schedule are judged by.

use std::collections::BTreeMap;

use rusqlite::{Row, params};

use super::Reader;
use crate::adapters::store::commands::Spent;
use crate::adapters::store::error::StoreError;
use crate::model::alarm::{Alarm, AlarmKind, Subject};
use crate::model::source::{Gap, HourCount, SourceId};
use crate::model::time::{Timestamp, from_ms, to_ms};

/// A gap that nobody has filled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenGap {
    pub id: i64,
    pub gap: Gap,
}

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
    /// source: all of them together would be too much to hold.
    pub fn posts_by_hour(
        &self,
        since: Timestamp,
        mut visit: impl FnMut(&str, &[HourCount]),
    ) -> Result<(), StoreError> {
        let (mut source, mut hours) = (String::new(), Vec::new());
        self.each(
            "SELECT source, published_at_ms / 3600000 AS hour, count(*) FROM post
             WHERE source IS NOT NULL AND ?1 <= published_at_ms
             GROUP BY source, hour ORDER BY source, hour",
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
            "SELECT published_at_ms / 3600000 AS hour, count(*) FROM post
             WHERE source = ?1 AND ?2 <= published_at_ms GROUP BY hour",
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

    /// Gaps that are open, and gaps that were filled.
    pub fn gap_counts(&self) -> Result<(u64, u64), StoreError> {
        let count = |sql: &str| -> Result<u64, StoreError> {
            Ok(self.one(sql, [], |row| Ok(row.get::<_, i64>(0)?))?.unwrap_or(0).max(0) as u64)
        };
        Ok((
            count("SELECT count(*) FROM gap WHERE filled_at_ms IS NULL")?,
            count("SELECT count(*) FROM gap WHERE filled_at_ms IS NOT NULL")?,
        ))
    }

    /// Open gaps with a known beginning that were not tried too often: those
    /// tried least first, of them the newest.
    pub fn gaps_to_fill(&self, tries: u32, limit: usize) -> Result<Vec<OpenGap>, StoreError> {
        self.all(
            "SELECT id, source, from_ms, to_ms, reason FROM gap
             WHERE filled_at_ms IS NULL AND from_ms IS NOT NULL AND tries < ?1
             ORDER BY tries, id DESC LIMIT ?2",
            params![tries, limit as i64],
            |row| {
                let from: Option<i64> = row.get(2)?;
                Ok(OpenGap {
                    id: row.get(0)?,
                    gap: Gap {
                        source: SourceId(row.get(1)?),
                        from: from.map(from_ms),
                        to: from_ms(row.get(3)?),
                        reason: row.get(4)?,
                    },
                })
            },
        )
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
