//! The states of an incident and what may happen in each. One state machine,
//! every pair of state and event named: a new state or event does not compile
//! until somebody has thought about it.

use crate::model::incident::{Outcome, State};

/// What can happen to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Accept,
    Assign,
    NotMine,
    Take,
    Drop,
    Draft,
    PublishInterim,
    PublishFinal,
    Close(Outcome),
    Reopen,
    /// People tell of a closed matter again, soon enough to be the same one.
    ToldAgain,
    /// Becomes part of another incident.
    Join,
    /// Takes another incident in, or gives posts away.
    Regroup,
    Correct,
}

/// Why something may not happen: a key of the wording files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    NotYetAssigned,
    AlreadyAssigned,
    AlreadyInWork,
    AlreadyAnswered,
    AlreadyClosed,
    NotClosed,
    PartOfAnother,
}

impl Refusal {
    pub fn key(self) -> &'static str {
        match self {
            Refusal::NotYetAssigned => "refusal-not-yet-assigned",
            Refusal::AlreadyAssigned => "refusal-already-assigned",
            Refusal::AlreadyInWork => "refusal-already-in-work",
            Refusal::AlreadyAnswered => "refusal-already-answered",
            Refusal::AlreadyClosed => "refusal-already-closed",
            Refusal::NotClosed => "refusal-not-closed",
            Refusal::PartOfAnother => "refusal-part-of-another",
        }
    }
}

/// The state after an event, or why the event may not happen.
pub fn next(state: State, event: Event) -> Result<State, Refusal> {
    match state {
        State::New => from_new(event),
        State::Assigned => from_assigned(event),
        State::InWork => from_in_work(event),
        State::AnsweredInterim => from_interim(event),
        State::AnsweredFinal => from_final(event),
        State::Closed => from_closed(event),
        State::Joined => Err(Refusal::PartOfAnother),
    }
}

fn from_new(event: Event) -> Result<State, Refusal> {
    match event {
        Event::Accept | Event::Assign => Ok(State::Assigned),
        Event::Drop | Event::Close(_) => Ok(State::Closed),
        Event::Join => Ok(State::Joined),
        Event::Regroup | Event::Correct => Ok(State::New),
        Event::NotMine | Event::Take | Event::Draft => Err(Refusal::NotYetAssigned),
        Event::PublishInterim | Event::PublishFinal => Err(Refusal::NotYetAssigned),
        Event::Reopen | Event::ToldAgain => Err(Refusal::NotClosed),
    }
}

fn from_assigned(event: Event) -> Result<State, Refusal> {
    match event {
        Event::Accept => Err(Refusal::AlreadyAssigned),
        Event::Assign | Event::Draft | Event::Regroup | Event::Correct => Ok(State::Assigned),
        Event::NotMine => Ok(State::New),
        Event::Take => Ok(State::InWork),
        Event::Drop | Event::Close(_) => Ok(State::Closed),
        Event::PublishInterim => Ok(State::AnsweredInterim),
        Event::PublishFinal => Ok(State::AnsweredFinal),
        Event::Join => Ok(State::Joined),
        Event::Reopen | Event::ToldAgain => Err(Refusal::NotClosed),
    }
}

fn from_in_work(event: Event) -> Result<State, Refusal> {
    match event {
        Event::Accept => Err(Refusal::AlreadyAssigned),
        Event::Take => Err(Refusal::AlreadyInWork),
        // Another body starts anew: it has to take the case itself.
        Event::Assign => Ok(State::Assigned),
        Event::NotMine => Ok(State::New),
        Event::Draft | Event::Regroup | Event::Correct => Ok(State::InWork),
        Event::Drop | Event::Close(_) => Ok(State::Closed),
        Event::PublishInterim => Ok(State::AnsweredInterim),
        Event::PublishFinal => Ok(State::AnsweredFinal),
        Event::Join => Ok(State::Joined),
        Event::Reopen | Event::ToldAgain => Err(Refusal::NotClosed),
    }
}

fn from_interim(event: Event) -> Result<State, Refusal> {
    match event {
        Event::Accept => Err(Refusal::AlreadyAssigned),
        Event::Take => Err(Refusal::AlreadyInWork),
        Event::NotMine | Event::Drop => Err(Refusal::AlreadyAnswered),
        Event::Assign | Event::Draft | Event::Regroup | Event::Correct => {
            Ok(State::AnsweredInterim)
        }
        Event::PublishInterim => Ok(State::AnsweredInterim),
        Event::PublishFinal => Ok(State::AnsweredFinal),
        Event::Close(_) => Ok(State::Closed),
        Event::Reopen => Ok(State::InWork),
        Event::ToldAgain => Err(Refusal::NotClosed),
        Event::Join => Ok(State::Joined),
    }
}

fn from_final(event: Event) -> Result<State, Refusal> {
    match event {
        Event::Accept => Err(Refusal::AlreadyAssigned),
        Event::Take => Err(Refusal::AlreadyInWork),
        Event::NotMine | Event::Drop | Event::Assign => Err(Refusal::AlreadyAnswered),
        Event::PublishInterim | Event::Draft => Err(Refusal::AlreadyAnswered),
        // A further final answer corrects the first one.
        Event::PublishFinal | Event::Regroup | Event::Correct => Ok(State::AnsweredFinal),
        Event::Close(_) => Ok(State::Closed),
        Event::Reopen => Ok(State::InWork),
        Event::ToldAgain => Err(Refusal::NotClosed),
        Event::Join => Ok(State::Joined),
    }
}

fn from_closed(event: Event) -> Result<State, Refusal> {
    match event {
        Event::Reopen | Event::ToldAgain => Ok(State::InWork),
        Event::Accept | Event::Assign | Event::NotMine | Event::Take => Err(Refusal::AlreadyClosed),
        Event::Drop | Event::Draft | Event::Close(_) => Err(Refusal::AlreadyClosed),
        Event::PublishInterim | Event::PublishFinal => Err(Refusal::AlreadyClosed),
        Event::Join | Event::Regroup | Event::Correct => Err(Refusal::AlreadyClosed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events() -> Vec<Event> {
        let mut all = vec![
            Event::Accept,
            Event::Assign,
            Event::NotMine,
            Event::Take,
            Event::Drop,
            Event::Draft,
            Event::PublishInterim,
            Event::PublishFinal,
            Event::Reopen,
            Event::ToldAgain,
            Event::Join,
            Event::Regroup,
            Event::Correct,
        ];
        all.extend([Outcome::Solved, Outcome::Explained].map(Event::Close));
        all
    }

    #[test]
    fn a_final_state_is_left_only_by_reopening() {
        for event in events() {
            let after = next(State::Closed, event);
            let opens = matches!(event, Event::Reopen | Event::ToldAgain);
            assert_eq!(after.is_ok(), opens, "{event:?}");
            assert_eq!(next(State::Joined, event), Err(Refusal::PartOfAnother));
        }
    }

    #[test]
    fn a_case_walks_from_new_to_closed() {
        let way = [
            (Event::Accept, State::Assigned),
            (Event::Take, State::InWork),
            (Event::PublishInterim, State::AnsweredInterim),
            (Event::PublishFinal, State::AnsweredFinal),
            (Event::Close(Outcome::Solved), State::Closed),
            (Event::Reopen, State::InWork),
        ];
        let mut state = State::New;
        for (event, expected) in way {
            state = next(state, event).unwrap();
            assert_eq!(state, expected);
        }
    }

    #[test]
    fn only_what_is_closed_is_told_again() {
        for state in State::ALL {
            let is_closed = state == State::Closed;
            assert_eq!(next(state, Event::ToldAgain).is_ok(), is_closed, "{state:?}");
        }
    }

    #[test]
    fn nobody_answers_before_somebody_is_responsible() {
        for event in [Event::Draft, Event::PublishInterim, Event::PublishFinal, Event::Take] {
            assert_eq!(next(State::New, event), Err(Refusal::NotYetAssigned));
        }
    }
}
