//! Comma-separated values with a head line, as spreadsheets write them.

use std::{collections::BTreeMap, fmt};

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvError {
    /// 1-based line.
    pub line: usize,
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
    pub rows: Vec<CsvRow>,
}

/// One row and where it stands.
pub(super) struct CsvRow {
    pub line: usize,
    pub cells: Vec<String>,
}

impl CsvTable {
    /// Takes a text apart. Rows may be shorter than the head: what is missing is empty.
    pub fn parse(text: &str) -> Result<Self, CsvError> {
        let mut records = records(text)?.into_iter();
        let head = records.next().map(|row| row.cells).unwrap_or_default();
        let columns = head
            .into_iter()
            .enumerate()
            .map(|(at, name)| (name.trim().to_owned(), at));
        Ok(Self {
            columns: columns.collect(),
            rows: records.collect(),
        })
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
    pub fn text<'a>(&self, row: &'a CsvRow, column: &str) -> &'a str {
        let cell = self.columns.get(column).and_then(|at| row.cells.get(*at));
        cell.map_or("", |cell| cell.trim())
    }

    /// A number of at least 0; `None` where the cell is empty.
    pub fn number(&self, row: &CsvRow, column: &str) -> Result<Option<f64>, CsvError> {
        let text = self.text(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(Some(number)),
            _ => Err(CsvError {
                line: row.line,
                column: column.into(),
                what: format!("`{text}` is not a number of at least 0"),
            }),
        }
    }

    /// A whole number, written as one or with a fraction of zero.
    pub fn whole(&self, row: &CsvRow, column: &str) -> Result<Option<u64>, CsvError> {
        let Some(number) = self.number(row, column)? else {
            return Ok(None);
        };
        if number.fract() != 0.0 || number > 9e15 {
            return Err(CsvError {
                line: row.line,
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

/// Quoted cells may hold commas, quotes and line ends. Empty lines are left out.
fn records(text: &str) -> Result<Vec<CsvRow>, CsvError> {
    let mut rows = Vec::new();
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let (mut line, mut start, mut quoted) = (1, 1, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        }
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                cells.push(std::mem::take(&mut cell));
                let cells = std::mem::take(&mut cells);
                if cells.iter().any(|cell| !cell.is_empty()) {
                    rows.push(CsvRow { line: start, cells });
                }
                start = line;
            }
            c => cell.push(c),
        }
    }
    if quoted {
        return Err(CsvError {
            line: start,
            column: String::new(),
            what: "a quoted cell does not end".into(),
        });
    }
    cells.push(cell);
    if cells.iter().any(|cell| !cell.is_empty()) {
        rows.push(CsvRow { line: start, cells });
    }
    Ok(rows)
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
        let windows = CsvTable::parse("a,b\r\n\r\n1,2\r\n\"x\r\ny\",4\r\n5,6\r\n").unwrap();
        let lines: Vec<usize> = windows.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [3, 4, 6]);
        assert!(CsvTable::parse("a\n\"b").is_err());
        assert!(table.require(&["a", "c"]).is_err());
    }
}
