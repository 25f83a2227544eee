//! Incidents: lists by the same parameters as the pages, one with everything
//! that belongs to it, and decisions.

use axum::Json;
use axum::extract::{Path, Request};
use serde_json::{Value, json};

use crate::adapters::store::read::{
    IncidentFilter, Member, ProposedMerge, ProposedSplit, StoredSuggestion,
};
use crate::adapters::store::{Reader, StoreError};
use crate::model::answer::Answer;
use crate::model::incident::{Incident, IncidentId, State};
use crate::model::position::Position;
use crate::model::post::StoredPost;
use crate::pipeline::families::families;
use crate::pipeline::similar::Similar;
use crate::rules::own_accounts::OwnAccounts;
use crate::server::completeness;
use crate::server::decisions::{Asked, Verb, decide};
use crate::server::failure::Failure;
use crate::server::listing::{self, RECENT};
use crate::server::looks;
use crate::server::pages::post_author;
use crate::server::pages::query_of;
use crate::server::permissions::{Permission, may};
use crate::server::posts::{is_veiled, veiled};
use crate::server::similar::past;
use crate::server::visitor::{SignedJson, Visitor};
use crate::views::incident::{
    AnswerSeenView, AnswerView, CandidateView, FamilyView, IncidentDetails, IncidentView,
    MemberView, MergeView, Quotes, Side, SimilarView, SplitView,
};

pub async fn list(visitor: Visitor, request: Request) -> Result<Json<Value>, Failure> {
    let listing = listing::prepare(&visitor, &query_of(&request)).await?;
    let recent = visitor.now.checked_sub(RECENT).unwrap_or(visitor.now);
    let (filter, per_page) = (listing.filter.clone(), listing.filter.limit);
    let (rows, total) = visitor
        .state
        .store
        .read_async(move |reader| {
            Ok((reader.incidents(&filter, recent)?, reader.incidents_count(&filter)?))
        })
        .await?;
    let incidents: Vec<IncidentView> = rows
        .iter()
        .map(|row| IncidentView::new(&row.incident, row.suggestions, visitor.now))
        .collect();
    let whole = completeness::now(&visitor.state).await?;
    Ok(Json(json!({
        "incidents": incidents,
        "total": total,
        "page": listing.page,
        "per_page": per_page,
        "completeness": completeness::view(&whole),
    })))
}

struct Whole {
    incident: Incident,
    likely: u32,
    suggestions: Vec<StoredSuggestion>,
    merges: Vec<ProposedMerge>,
    split: Option<ProposedSplit>,
    copies: Vec<(Position, Position)>,
    members: Vec<Member>,
    answers: Vec<Answer>,
    similar: Option<Vec<Similar>>,
    seen: Vec<(StoredPost, Position)>,
}

pub async fn show(Path(id): Path<u64>, visitor: Visitor) -> Result<Json<IncidentDetails>, Failure> {
    visitor.need(Permission::SeeCases)?;
    Ok(Json(details(&visitor, IncidentId(id)).await?))
}

async fn details(visitor: &Visitor, id: IncidentId) -> Result<IncidentDetails, Failure> {
    let (search, person) = (visitor.state.search.clone(), visitor.person.clone());
    let ask = move |reader: &Reader| {
        let Some(mut whole) = read(reader, id)? else { return Ok(None) };
        for member in &mut whole.members {
            member.post = veiled(reader, &person, member.post.clone())?;
        }
        whole.similar = past(reader, search.as_ref(), &person, &whole.incident)?;
        let mut merges = Vec::new();
        for merge in whole.merges {
            let other = reader.incident(merge.with)?;
            if other.is_some_and(|other| may(&person, Permission::SeeCases, Some(&other))) {
                merges.push(merge);
            }
        }
        whole.merges = merges;
        Ok(Some(whole))
    };
    let whole = visitor.state.store.read_async(ask).await?.ok_or(Failure::NotFound)?;
    if !visitor.may_with(Permission::SeeCases, &whole.incident) {
        return Err(Failure::NotFound);
    }
    let shown = whole.members.iter().map(|member| &member.post.post);
    looks::note(visitor, format!("incident:{id}"), "", shown).await?;
    // Which post they quote is not known here; it may be a hidden one.
    let quotes = Quotes::shown_if(visitor.may(Permission::SeePersonal));
    let mut authors = Vec::new();
    let own = OwnAccounts::new(&visitor.ruleset.region.sources);
    Ok(IncidentDetails {
        incident: IncidentView::new(&whole.incident, whole.likely, visitor.now),
        members: whole
            .members
            .iter()
            .map(|member| {
                let author = post_author(visitor, &member.post, &mut authors);
                let quotes = Quotes::shown_if(!is_veiled(visitor, &member.post));
                MemberView::new(&member.post, &member.reason, Some(author), quotes)
            })
            .collect(),
        answers: whole.answers.iter().map(AnswerView::new).collect(),
        candidates: whole
            .suggestions
            .iter()
            .map(|one| CandidateView::new(one.beside(id), one.score, &one.parts, quotes))
            .collect(),
        merges: whole.merges.iter().map(|merge| merged(merge, quotes)).collect(),
        split: whole
            .split
            .as_ref()
            .map(|split| SplitView::new(&split.parting, &split.stays, &split.leaves, quotes)),
        families: families(&whole.members, &whole.copies)
            .iter()
            .map(|family| {
                let author = post_author(visitor, family.first, &mut Vec::new());
                FamilyView::new(family, Some(author))
            })
            .collect(),
        answers_seen: whole
            .seen
            .iter()
            .map(|(reply, answered)| {
                let member = whole.members.iter().find(|one| one.post.position == *answered);
                let key = member.map(|one| one.post.post.key.to_string()).unwrap_or_default();
                AnswerSeenView::new(reply, key, own.body_of(&reply.post), &whole.answers)
            })
            .collect(),
        similar: whole.similar.as_ref().map(|similar| {
            let view = |one: &Similar| SimilarView::new(&one.incident, one.answer.as_ref());
            similar.iter().map(view).collect()
        }),
    })
}

fn merged(merge: &ProposedMerge, quotes: Quotes) -> MergeView {
    let side = if merge.is_theirs { Side::Other } else { Side::Own };
    MergeView::new(merge.with, merge.key.to_string(), &merge.hint, side, quotes)
}

fn read(reader: &Reader, id: IncidentId) -> Result<Option<Whole>, StoreError> {
    let filter = IncidentFilter {
        ids: Some(vec![id]),
        states: State::ALL.to_vec(),
        limit: 1,
        ..IncidentFilter::default()
    };
    let Some(row) = reader.incidents(&filter, jiff::Timestamp::MAX)?.pop() else {
        return Ok(None);
    };
    Ok(Some(Whole {
        incident: row.incident,
        likely: row.suggestions,
        suggestions: reader.suggestions_waiting(id)?,
        merges: reader.merges_of(id)?,
        split: reader.parting_of(id)?,
        copies: reader.copies_of(id)?,
        members: reader.members(id)?,
        answers: reader.answers(id)?,
        similar: None,
        seen: reader.answers_seen(id)?,
    }))
}

/// A decision; answers with the incident as it is then and the number by
/// which the decision can be taken back.
pub async fn act(
    verb: Verb,
    Path(id): Path<u64>,
    signed: SignedJson<Asked>,
) -> Result<Json<Value>, Failure> {
    let visitor = &signed.visitor;
    visitor.need(Permission::SeeCases)?;
    let decided = decide(visitor, IncidentId(id), verb, signed.body).await?;
    let incident = match details(visitor, decided.incident).await {
        Ok(details) => serde_json::to_value(details).map_err(|_| Failure::Broken)?,
        // The decision may have moved it out of the visitor's reach.
        Err(Failure::NotFound) => Value::Null,
        Err(failure) => return Err(failure),
    };
    Ok(Json(json!({ "action": decided.action.0, "incident": incident })))
}
