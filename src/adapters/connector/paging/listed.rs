//! Pages of what an earlier page named and did not show.

use url::Url;

use crate::adapters::connector::definition::{Listed, Names};

/// Where these are asked for.
pub fn address(listed: &Listed, base: &Url, names: &[String]) -> Url {
    let mut url = base.clone();
    match listed.names {
        Names::Joined => {
            url.query_pairs_mut().append_pair(&listed.param, &names.join(","));
        }
        Names::Repeated => {
            url.query_pairs_mut().extend_pairs(names.iter().map(|name| (&listed.param, name)));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::definition::Paging;
    use crate::adapters::connector::extract::PagingHint;
    use crate::adapters::connector::paging::Progress;

    fn listed(names: Names) -> Paging {
        Paging::Listed(Listed {
            at: None,
            shown: None,
            path: "/more".to_owned(),
            query: Default::default(),
            param: "ids".to_owned(),
            names,
            most: 2,
        })
    }

    #[test]
    fn what_was_named_is_asked_for_once() {
        let url = Url::parse("http://x.example/more?link=a").unwrap();
        let next_of = |paging: &Paging, progress: &mut Progress, names: &[&str]| {
            progress.name(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
            let next = progress.next(paging, &url, &PagingHint::default(), None)?;
            next.query().map(str::to_owned)
        };
        let (mut progress, paging) = (Progress::default(), listed(Names::Joined));
        let mut next = |names: &[&str]| next_of(&paging, &mut progress, names);
        assert_eq!(next(&["b", "c", "d"]).unwrap(), "link=a&ids=b%2Cc");
        assert_eq!(next(&["b", "e"]).unwrap(), "link=a&ids=d%2Ce");
        assert_eq!(next(&["c"]), None);
        let repeated = listed(Names::Repeated);
        let next = next_of(&repeated, &mut Progress::default(), &["b", "c"]);
        assert_eq!(next.unwrap(), "link=a&ids=b&ids=c");
    }
}
