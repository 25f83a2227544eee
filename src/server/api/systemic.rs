//! Systemic problems: what the page shows, as JSON.

use axum::Json;
use axum::extract::Request;
use serde_json::{Value, json};

use crate::server::completeness;
use crate::server::failure::Failure;
use crate::server::pages::query_of;
use crate::server::systemic::{Asked, within_reach};
use crate::server::visitor::Visitor;

pub async fn list(visitor: Visitor, request: Request) -> Result<Json<Value>, Failure> {
    let problems = within_reach(&visitor).await?;
    let Asked { page, limit: per_page, .. } = Asked::of(&query_of(&request), &problems)?;
    let first = (page - 1).saturating_mul(per_page);
    let shown: Vec<_> = problems.iter().skip(first).take(per_page).collect();
    let whole = completeness::now(&visitor.state).await?;
    Ok(Json(json!({
        "problems": shown,
        "total": problems.len(),
        "page": page,
        "per_page": per_page,
        "completeness": completeness::view(&whole),
    })))
}
