//! An open incident as grouping sees it: all its posts, of which a bounded
//! number is compared. Which ones follows from the posts alone, never from the
//! way in which they came together, so that a rebuilt window decides alike.

use crate::model::position::Position;
use crate::model::time::to_ms;
use crate::rules::clustering::features::PostFeatures;

/// The first posts tell the matter …
const FIRST_COMPARED: usize = 4;
/// … the latest how people speak of it now.
const LAST_COMPARED: usize = 8;

#[derive(Debug)]
pub struct Members {
    /// By position; never empty while the incident is in the window.
    posts: Vec<PostFeatures>,
}

impl Members {
    pub fn of(post: PostFeatures) -> Members {
        Members { posts: vec![post] }
    }

    /// Adds a post at its place; the same post again changes nothing.
    pub fn insert(&mut self, post: PostFeatures) {
        if let Err(at) = self.posts.binary_search_by_key(&post.position, |p| p.position) {
            self.posts.insert(at, post);
        }
    }

    pub fn take(&mut self, positions: &[Position]) -> Vec<PostFeatures> {
        let (taken, kept) = std::mem::take(&mut self.posts)
            .into_iter()
            .partition(|post| positions.contains(&post.position));
        self.posts = kept;
        taken
    }

    pub fn into_posts(self) -> Vec<PostFeatures> {
        self.posts
    }

    pub fn posts(&self) -> &[PostFeatures] {
        &self.posts
    }

    pub fn count(&self) -> usize {
        self.posts.len()
    }

    /// The posts that stand for the incident, by position.
    pub fn compared(&self) -> impl Iterator<Item = &PostFeatures> {
        let first = self.posts.len().min(FIRST_COMPARED);
        let last = (self.posts.len() - first).min(LAST_COMPARED);
        self.posts[..first].iter().chain(&self.posts[self.posts.len() - last..])
    }

    pub fn last_written_ms(&self) -> i64 {
        self.posts.iter().map(|post| to_ms(post.written_at)).max().unwrap_or(0)
    }
}
