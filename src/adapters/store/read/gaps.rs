//! Stretches of sources that are missing: which are to be filled, how far they
//! are, which cannot be had.

use rusqlite::{Row, params};

use super::Reader;
use crate::adapters::store::error::StoreError;
use crate::model::gap::{Filling, GapCounts, GapState, Lack, OpenGap};
use crate::model::source::{Gap, SourceId};
use crate::model::time::{Timestamp, from_ms, to_ms};

/// A gap as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGap {
    pub id: i64,
    pub gap: Gap,
    pub state: GapState,
    pub noticed_at: Timestamp,
    /// What of it is after this instant is here by now.
    pub open_to: Timestamp,
    /// Posts that filling it has brought.
    pub found: u64,
    pub tries: u32,
    pub next_try_at: Option<Timestamp>,
    pub last_error: Option<String>,
    /// When what was missing had been read after all.
    pub filled_at: Option<Timestamp>,
    /// Since when nobody tries any more.
    pub lost_at: Option<Timestamp>,
    pub lack: Option<Lack>,
}

/// What is stored around a stretch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Nearby {
    /// Native id of a post that is a little newer.
    pub edge: Option<String>,
    /// Posts that are newer.
    pub newer: usize,
    pub is_older_known: bool,
}

/// How many known posts a reading that begins at the edge sees once more.
const EDGE_POSTS: i64 = 3;

const OPEN: &str = "filled_at_ms IS NULL AND lost_at_ms IS NULL";

/// Comments under posts of a source are read with their threads, not on its
/// own pages.
pub(super) const ON_OWN_PAGES: &str = "(thread_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM post AS above WHERE above.network = post.network
        AND above.native_id = post.thread_id AND above.source = post.source))";

impl Reader {
    /// Gaps whose time has come, one of a source: that with fewest tries in vain,
    /// else one that is begun, else the newest – there somebody may still be
    /// helped in time. In the same order among each other.
    pub fn gaps_due(&self, now: Timestamp) -> Result<Vec<OpenGap>, StoreError> {
        self.all(
            &format!(
                "SELECT id, source, from_ms, to_ms, reason, way, read_to_ms, place, tries, lack
                 FROM (SELECT *, row_number() OVER (PARTITION BY source
                           ORDER BY tries, way = '', to_ms DESC, id DESC) AS of_source
                       FROM gap WHERE {OPEN} AND coalesce(next_try_at_ms, 0) <= ?1)
                 WHERE of_source = 1 ORDER BY tries, way = '', to_ms DESC, id DESC"
            ),
            params![to_ms(now)],
            |row| {
                Ok(OpenGap {
                    id: row.get(0)?,
                    gap: gap(row)?,
                    filling: Filling {
                        way: row.get(5)?,
                        read_to: instant(row, 6)?,
                        place: row.get(7)?,
                        tries: row.get(8)?,
                        lack: lack(row, 9)?,
                    },
                })
            },
        )
    }

    /// What is stored of a source around the stretch between two instants.
    pub fn nearby(
        &self,
        source: &SourceId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Nearby, StoreError> {
        let edge = self.one(
            &format!(
                "SELECT native_id FROM post
                 WHERE source = ?1 AND ?2 <= published_at_ms AND {ON_OWN_PAGES}
                 ORDER BY published_at_ms, position LIMIT 1 OFFSET ?3"
            ),
            params![source.0, to_ms(to), EDGE_POSTS],
            |row| Ok(row.get(0)?),
        )?;
        let newer = self.one(
            &format!(
                "SELECT count(*) FROM post
                 WHERE source = ?1 AND ?2 <= published_at_ms AND {ON_OWN_PAGES}"
            ),
            params![source.0, to_ms(to)],
            |row| Ok(row.get::<_, i64>(0)?),
        )?;
        let older = self.one(
            "SELECT 1 FROM post WHERE source = ?1 AND published_at_ms <= ?2 LIMIT 1",
            params![source.0, to_ms(from)],
            |row| Ok(row.get::<_, i64>(0)?),
        )?;
        let newer = newer.unwrap_or(0).max(0) as usize;
        Ok(Nearby { edge, newer, is_older_known: older.is_some() })
    }

    /// Gaps of some sources of which a part lies after an instant.
    pub fn gap_counts<'s>(
        &self,
        sources: impl Iterator<Item = &'s SourceId>,
        since: Timestamp,
    ) -> Result<GapCounts, StoreError> {
        let sources = serde_json::to_string(&sources.collect::<Vec<_>>())?;
        let count = |condition: &str| -> Result<u64, StoreError> {
            let sql = format!(
                "SELECT count(*) FROM gap WHERE {condition}
                     AND source IN (SELECT value FROM json_each(?1))
                     AND ?2 <= CASE WHEN filled_at_ms IS NULL
                         THEN coalesce(open_to_ms, to_ms) ELSE to_ms END"
            );
            let found = self.one(&sql, params![sources, to_ms(since)], |row| Ok(row.get(0)?))?;
            Ok(found.map_or(0, |count: i64| count.max(0) as u64))
        };
        Ok(GapCounts {
            open: count(&format!("{OPEN} AND way = ''"))?,
            filling: count(&format!("{OPEN} AND way <> ''"))?,
            filled: count("filled_at_ms IS NOT NULL")?,
            lost: count("lost_at_ms IS NOT NULL")?,
        })
    }

    /// Open ones first, then those that cannot be had, then filled ones; the
    /// newest first.
    pub fn gaps(&self, limit: usize) -> Result<Vec<StoredGap>, StoreError> {
        self.all(
            "SELECT id, source, from_ms, to_ms, reason, at_ms, way, open_to_ms, found, tries,
                    next_try_at_ms, last_error, filled_at_ms, lost_at_ms, lack FROM gap
             ORDER BY filled_at_ms IS NOT NULL, lost_at_ms IS NOT NULL, id DESC LIMIT ?1",
            [limit as i64],
            stored_gap,
        )
    }
}

fn stored_gap(row: &Row<'_>) -> Result<StoredGap, StoreError> {
    let (filled_at, lost_at) = (instant(row, 12)?, instant(row, 13)?);
    let gap = gap(row)?;
    let state = match (filled_at, lost_at) {
        (Some(_), _) => GapState::Filled,
        (None, Some(_)) => GapState::Lost,
        (None, None) if row.get_ref(6)?.as_str()?.is_empty() => GapState::Open,
        (None, None) => GapState::Filling,
    };
    Ok(StoredGap {
        id: row.get(0)?,
        state,
        noticed_at: from_ms(row.get(5)?),
        open_to: instant(row, 7)?.unwrap_or(gap.to),
        found: row.get::<_, i64>(8)?.max(0) as u64,
        tries: row.get(9)?,
        next_try_at: instant(row, 10)?,
        last_error: row.get(11)?,
        filled_at,
        lost_at,
        lack: lack(row, 14)?,
        gap,
    })
}

/// From the second column on.
fn gap(row: &Row<'_>) -> Result<Gap, StoreError> {
    Ok(Gap {
        source: SourceId(row.get(1)?),
        from: instant(row, 2)?,
        to: from_ms(row.get(3)?),
        reason: row.get(4)?,
    })
}

fn instant(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>, StoreError> {
    Ok(row.get::<_, Option<i64>>(column)?.map(from_ms))
}

fn lack(row: &Row<'_>, column: usize) -> Result<Option<Lack>, StoreError> {
    let Some(text) = row.get::<_, Option<String>>(column)? else { return Ok(None) };
    let wrong = || StoreError::Corrupt(format!("a gap lacks «{text}»"));
    Lack::parse(&text).map(Some).ok_or_else(wrong)
}
