//! "Items per page: Auto  1 - 10 of 74  < >" (domain.md statements 127 and 128).

/// Rows on a page: what fits ("Auto"), or a number that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PerPage {
    auto: i64,
    chosen: Option<i64>,
}

/// What can be chosen besides "Auto".
const CHOICES: [i64; 4] = [10, 25, 50, 100];

/// An entry of the selector: value, words, whether it is the current one.
pub(crate) type Choice = (String, String, bool);

impl PerPage {
    /// `sent` as in an address; anything unknown is "Auto", which shows `auto` rows.
    pub(crate) fn parse(sent: Option<&str>, auto: i64) -> Self {
        let chosen = sent.and_then(|sent| sent.parse().ok());
        Self { auto, chosen: chosen.filter(|rows| CHOICES.contains(rows)) }
    }

    /// How many rows.
    pub(crate) fn rows(self) -> i64 {
        self.chosen.unwrap_or(self.auto)
    }

    /// As written in addresses.
    pub(crate) fn value(self) -> String {
        self.chosen.map_or_else(|| "auto".to_owned(), |rows| rows.to_string())
    }

    /// The selector.
    pub(crate) fn choices(self) -> Vec<Choice> {
        let auto = ("auto".to_owned(), "Auto".to_owned(), self.chosen.is_none());
        let numbers = CHOICES
            .into_iter()
            .map(|rows| (rows.to_string(), rows.to_string(), self.chosen == Some(rows)));
        std::iter::once(auto).chain(numbers).collect()
    }
}

/// One page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    /// From 1.
    pub(crate) page: i64,
    pub(crate) pages: i64,
    /// Rows on all pages.
    pub(crate) total: i64,
    rows: i64,
}

impl Paging {
    /// The page `wanted`, or the nearest one that exists.
    pub(crate) fn new(total: i64, per_page: PerPage, wanted: i64) -> Self {
        let rows = per_page.rows();
        let pages = ((total + rows - 1) / rows).max(1);
        Self { page: wanted.clamp(1, pages), pages, total, rows }
    }

    /// Rows before this page.
    pub(crate) fn offset(&self) -> i64 {
        (self.page - 1) * self.rows
    }

    /// Rows on a full page.
    pub(crate) fn limit(&self) -> i64 {
        self.rows
    }

    /// `1 - 10 of 74`
    pub(crate) fn words(&self) -> String {
        if self.total == 0 {
            return "0 of 0".to_owned();
        }
        let last = (self.offset() + self.rows).min(self.total);
        format!("{} - {last} of {}", self.offset() + 1, self.total)
    }

    /// The page before, if there is one.
    pub(crate) fn previous(&self) -> Option<i64> {
        (self.page > 1).then_some(self.page - 1)
    }

    /// The page after, if there is one.
    pub(crate) fn next(&self) -> Option<i64> {
        (self.page < self.pages).then_some(self.page + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_manual() {
        let auto = PerPage::parse(None, 10);
        assert_eq!(Paging::new(74, auto, 1).words(), "1 - 10 of 74");
        assert_eq!(Paging::new(74, auto, 8).words(), "71 - 74 of 74");
        assert_eq!(Paging::new(23, PerPage::parse(Some("auto"), 8), 1).words(), "1 - 8 of 23");
        assert_eq!(Paging::new(0, auto, 1).words(), "0 of 0");
    }

    #[test]
    fn a_page_outside_the_list_is_the_nearest_one() {
        let auto = PerPage::parse(None, 10);
        assert_eq!(Paging::new(74, auto, 99).page, 8);
        assert_eq!(Paging::new(74, auto, -5).page, 1);
        assert_eq!(Paging::new(74, auto, 8).next(), None);
        assert_eq!(Paging::new(74, auto, 1).previous(), None);
    }

    #[test]
    fn only_offered_numbers_of_rows_are_taken() {
        assert_eq!(PerPage::parse(Some("25"), 10).rows(), 25);
        assert_eq!(PerPage::parse(Some("1000000"), 10).rows(), 10);
    }
}
