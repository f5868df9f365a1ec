//! Comma-separated values with a head line, as spreadsheets write them.

use std::{collections::BTreeMap, fmt};

use csv::StringRecord;

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvError {
    /// 1-based line.
    pub line: u64,
    /// The column, where it is about one.
    pub column: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.column.is_empty() {
            write!(f, ", column `{}`", self.column)?;
        }
        write!(f, ": {}", self.what)
    }
}

impl std::error::Error for CsvError {}

/// A table, row by row.
pub(super) struct CsvTable {
    pub columns: BTreeMap<String, usize>,
    pub rows: Vec<StringRecord>,
}

impl CsvTable {
    /// Takes a text apart. Rows may be shorter than the head: what is missing is empty. Empty rows are left out.
    pub fn parse(text: &str) -> Result<Self, CsvError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let head = reader.headers().map_err(|error| unreadable(&error))?;
        let columns = head.iter().zip(0..);
        let columns = columns.map(|(name, at)| (name.to_owned(), at)).collect();
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|error| unreadable(&error))?;
            if row.iter().any(|cell| !cell.is_empty()) {
                rows.push(row);
            }
        }
        // To the reader a quoted cell that never ends goes on to the end of the text, and takes all rows with it.
        if text.matches('"').count() % 2 == 1 {
            return Err(CsvError {
                line: rows.last().map_or(1, line),
                column: String::new(),
                what: "a quoted cell does not end".into(),
            });
        }
        Ok(Self { columns, rows })
    }

    /// Refuses a table without one of the columns.
    pub fn require(&self, names: &[&str]) -> Result<(), CsvError> {
        let missing = names.iter().find(|name| !self.columns.contains_key(**name));
        missing.map_or(Ok(()), |name| {
            Err(CsvError {
                line: 1,
                column: (*name).to_owned(),
                what: "there is no such column".into(),
            })
        })
    }

    /// A cell; empty where the row or the table ends before it.
    pub fn text<'a>(&self, row: &'a StringRecord, column: &str) -> &'a str {
        let at = self.columns.get(column);
        at.and_then(|at| row.get(*at)).unwrap_or_default()
    }

    /// A number of at least 0; `None` where the cell is empty.
    pub fn number(&self, row: &StringRecord, column: &str) -> Result<Option<f64>, CsvError> {
        let text = self.text(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(Some(number)),
            _ => Err(CsvError {
                line: line(row),
                column: column.into(),
                what: format!("`{text}` is not a number of at least 0"),
            }),
        }
    }

    /// A whole number, written as one or with a fraction of zero.
    pub fn whole(&self, row: &StringRecord, column: &str) -> Result<Option<u64>, CsvError> {
        let Some(number) = self.number(row, column)? else {
            return Ok(None);
        };
        if number.fract() != 0.0 || number > 9e15 {
            return Err(CsvError {
                line: line(row),
                column: column.into(),
                what: format!("{number} is not a whole number"),
            });
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, at least 0 and below 2^53"
        )]
        Ok(Some(number as u64))
    }
}

/// Where a row begins.
pub(super) fn line(row: &StringRecord) -> u64 {
    row.position().map_or(0, csv::Position::line)
}

fn unreadable(error: &csv::Error) -> CsvError {
    CsvError {
        line: error.position().map_or(0, csv::Position::line),
        column: String::new(),
        what: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_may_be_quoted() {
        let table = CsvTable::parse("a,b\n\"x, \"\"y\"\"\",2\r\n\n3\n").unwrap();
        assert_eq!(table.rows.len(), 2);
        assert_eq!(table.text(&table.rows[0], "a"), "x, \"y\"");
        assert_eq!(table.whole(&table.rows[0], "b"), Ok(Some(2)));
        assert_eq!(table.whole(&table.rows[1], "b"), Ok(None));
        let error = table.number(&table.rows[0], "a").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2, column `a`: `x, \"y\"` is not a number of at least 0"
        );
        assert!(CsvTable::parse("a\n\"b").is_err());
        assert!(table.require(&["a", "c"]).is_err());
    }
}
