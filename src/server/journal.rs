//! Which entries of the journal a person reads: all of them with an unlimited
//! reach, otherwise their own; nothing about cases without the right to them.

use super::failure::Failure;
use super::fields::Fields;
use super::listing::number;
use super::permissions::{Permission, is_unlimited};
use super::visitor::Visitor;
use crate::adapters::store::read::JournalFilter;

const PAGE_SIZE: usize = 100;

/// The filter that a query asks for, within what its asker may read.
pub fn filter(visitor: &Visitor, fields: &Fields) -> Result<JournalFilter, Failure> {
    visitor.need(Permission::SeeJournal)?;
    let page = number(fields, "page")?.unwrap_or(1).max(1);
    let own = visitor.person.login.clone();
    let actor = if is_unlimited(&visitor.person) { fields.filled("actor") } else { Some(own) };
    Ok(JournalFilter {
        subject: fields.filled("subject"),
        actor,
        without_looks: false,
        without_cases: !visitor.may(Permission::SeeCases),
        limit: PAGE_SIZE,
        offset: (page - 1).saturating_mul(PAGE_SIZE),
    })
}
