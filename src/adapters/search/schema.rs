//! The fields of the index and how a post fills them. Every change here needs
//! a new `VERSION`: an index of another version is removed and filled again.

use tantivy::TantivyDocument;
use tantivy::schema::{Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing};
use tantivy::schema::{STRING, TextOptions};

use super::analysis::{ExactTokenizer, StemTokenizer};
use crate::model::finding::{Finding, Verdict};
use crate::model::post::StoredPost;

/// Grows with every change of the fields or of how words are read.
pub const VERSION: &str = "1";

const EXACT: &str = "exact";
const STEM: &str = "stem";

/// Names of the fast fields, which are asked for by name.
pub const POSITION: &str = "position";

/// The kind of a post that was taken as a complaint.
pub const COMPLAINT: &str = "complaint";

/// A post with what reading it came to; posts that are no complaints have no finding.
#[derive(Debug, Clone)]
pub struct IndexedPost {
    pub post: StoredPost,
    pub finding: Option<Finding>,
}

#[derive(Debug, Clone, Copy)]
pub struct Fields {
    pub position: Field,
    pub published_at: Field,
    pub stem: Field,
    pub exact: Field,
    pub key: Field,
    pub network: Field,
    pub source: Field,
    pub author_id: Field,
    pub author: Field,
    pub community: Field,
    pub territory: Field,
    pub topic: Field,
    pub group: Field,
    pub kind: Field,
}

pub fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let number = NumericOptions::default().set_fast();
    let read = |tokenizer: &str, record: IndexRecordOption| {
        let indexing =
            TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record);
        TextOptions::default().set_indexing_options(indexing)
    };
    let positions = IndexRecordOption::WithFreqsAndPositions;
    let fields = Fields {
        position: schema.add_u64_field(POSITION, number.clone()),
        published_at: schema.add_i64_field("published_at_ms", number),
        stem: schema.add_text_field("stem", read(STEM, IndexRecordOption::WithFreqs)),
        exact: schema.add_text_field("exact", read(EXACT, positions)),
        key: schema.add_text_field("key", STRING),
        network: schema.add_text_field("network", STRING),
        source: schema.add_text_field("source", STRING),
        author_id: schema.add_text_field("author_id", STRING),
        author: schema.add_text_field("author", read(EXACT, IndexRecordOption::Basic)),
        community: schema.add_text_field("community", read(EXACT, IndexRecordOption::Basic)),
        territory: schema.add_text_field("territory", STRING),
        topic: schema.add_text_field("topic", STRING),
        group: schema.add_text_field("group", STRING),
        kind: schema.add_text_field("kind", STRING),
    };
    (schema.build(), fields)
}

pub fn register_tokenizers(index: &tantivy::Index) {
    index.tokenizers().register(EXACT, ExactTokenizer);
    index.tokenizers().register(STEM, StemTokenizer::default());
}

/// The document of a post.
pub fn document(fields: &Fields, indexed: &IndexedPost) -> TantivyDocument {
    let stored = &indexed.post;
    let post = &stored.post;
    let mut document = TantivyDocument::new();
    document.add_u64(fields.position, stored.position.0);
    document.add_i64(fields.published_at, post.published_at.as_millisecond());
    document.add_text(fields.stem, &post.text);
    document.add_text(fields.exact, &post.text);
    document.add_text(fields.key, post.key.to_string());
    document.add_text(fields.network, &post.key.network.0);
    let known = [
        (fields.source, post.source.as_ref().map(|source| &source.0)),
        (fields.author_id, post.author_id.as_ref()),
        (fields.author, post.author_name.as_ref()),
        (fields.community, post.community.as_ref()),
    ];
    for (field, value) in known {
        if let Some(value) = value {
            document.add_text(field, value);
        }
    }
    // What bodies reply is found by its words, not by the topics of complaints.
    let complaint = indexed.finding.as_ref();
    if let Some(finding) = complaint.filter(|finding| finding.verdict == Verdict::Matched) {
        add_finding(fields, finding, &mut document);
    }
    document
}

fn add_finding(fields: &Fields, finding: &Finding, document: &mut TantivyDocument) {
    document.add_text(fields.kind, COMPLAINT);
    let mut groups: Vec<&str> = Vec::new();
    for found in &finding.topics {
        document.add_text(fields.topic, &found.topic.0);
        if !groups.contains(&found.group.as_str()) {
            groups.push(&found.group);
            document.add_text(fields.group, &found.group);
        }
    }
    let mut territories: Vec<&str> = Vec::new();
    for territory in finding.places.iter().filter_map(|place| place.territory.as_ref()) {
        if !territories.contains(&territory.0.as_str()) {
            territories.push(&territory.0);
            document.add_text(fields.territory, &territory.0);
        }
    }
}
