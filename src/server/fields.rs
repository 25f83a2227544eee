//! The fields of a sent form or of a query, in order, repeated names kept.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};

use super::Shared;
use super::failure::Failure;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn parse(encoded: &[u8]) -> Fields {
        Fields(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    pub async fn read(request: Request, state: &Shared) -> Result<Fields, Failure> {
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Failure::TooLarge)?;
        Ok(Fields::parse(&bytes))
    }

    /// The first value of a name without spaces around; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.trim())
    }

    /// A value that somebody filled in.
    pub fn filled(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    pub fn all(&self, name: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(found, value)| found == name && !value.trim().is_empty())
            .map(|(_, value)| value.trim().to_owned())
            .collect()
    }

    /// Values of a name, each of which may hold several separated by commas.
    pub fn list(&self, name: &str) -> Vec<String> {
        let values = self.all(name);
        let parts = values.iter().flat_map(|value| value.split(','));
        parts.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The same fields as a query, without one of them.
    pub fn query_without(&self, left_out: &[&str]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            if !left_out.contains(&name.as_str()) && !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_and_joined_values_are_kept() {
        let fields = Fields::parse(
            "state=new,assigned&state=closed&q=+%D1%8F%D0%BC%D0%B0+&page=".as_bytes(),
        );
        assert_eq!(fields.list("state"), ["new", "assigned", "closed"]);
        assert_eq!(fields.get("q"), "яма");
        assert_eq!(fields.filled("page"), None);
        assert_eq!(fields.query_without(&["q", "state"]), "");
    }
}
