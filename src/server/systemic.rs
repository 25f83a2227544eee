//! Systemic problems within a visitor's reach: page, table and API read them
//! here, so that they show the same.

use super::failure::Failure;
use super::permissions::Permission;
use super::visitor::Visitor;
use crate::pipeline::systemic;
use crate::views::systemic::SystemicView;

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
