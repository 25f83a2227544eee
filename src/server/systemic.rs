//! Systemic problems within a visitor's reach: page, table and API read them
//! here, so that they show the same.

use super::failure::Failure;
use super::fields::Fields;
use super::listing::{number, pages};
use super::permissions::Permission;
use super::visitor::Visitor;
use crate::pipeline::systemic;
use crate::views::systemic::SystemicView;

/// What a request asks for.
pub struct Asked {
    pub page: usize,
    pub limit: usize,
    /// The incident whose problem is looked for.
    pub number: Option<u64>,
}

impl Asked {
    /// Without a page it is the one with the problem of the incident asked about.
    pub fn of(fields: &Fields, problems: &[SystemicView]) -> Result<Asked, Failure> {
        let (page, limit) = pages(fields)?;
        let number = number(fields, "number")?.map(|number| number as u64);
        let at = number.and_then(|number| problems.iter().position(|one| one.holds(number)));
        let found = at.filter(|_| fields.filled("page").is_none());
        Ok(Asked { page: found.map_or(page, |at| at / limit + 1), limit, number })
    }
}

/// What happened last comes first. A problem is seen by whoever may see one of
/// its incidents; the others are numbers to them. Under a ruleset that does not
/// say when something is systemic, nothing is.
pub async fn within_reach(visitor: &Visitor) -> Result<Vec<SystemicView>, Failure> {
    visitor.need(Permission::SeeSystemic)?;
    let Some(weights) = visitor.ruleset.weights.grouping.systemic else { return Ok(Vec::new()) };
    let read = move |reader: &crate::adapters::store::Reader| systemic::all(reader, &weights);
    let problems = visitor.state.store.read_async(read).await?;
    let may_see = |incident: &_| visitor.may_with(Permission::SeeSystemic, incident);
    Ok(problems.iter().filter_map(|problem| SystemicView::new(problem, may_see)).collect())
}
