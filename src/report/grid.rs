//! Columns of text with a rule below their heads: the one look of every table here.

use tabled::{
    builder::Builder,
    settings::{
        Alignment, Modify, Padding, Style,
        object::{Columns, Rows},
        peaker::Priority,
        style::HorizontalLine,
        width::Wrap,
    },
};

use crate::printable::printable;

/// How a column's cells are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Names.
    Left,
    /// Figures.
    Right,
}

/// A table under construction.
pub struct Grid {
    align: Vec<Align>,
    builder: Builder,
}

impl Grid {
    /// An empty table with these columns.
    pub fn new<H: Into<String>>(columns: impl IntoIterator<Item = (Align, H)>) -> Self {
        let (align, heads): (Vec<Align>, Vec<String>) =
            columns.into_iter().map(|(a, h)| (a, h.into())).unzip();
        let mut builder = Builder::default();
        builder.push_record(heads.iter().map(|head| printable(head)));
        Self { align, builder }
    }

    /// Adds a row: as many cells as there are columns.
    pub fn row<C: Into<String>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let cells = cells.into_iter().map(Into::into);
        self.builder
            .push_record(cells.map(|cell: String| printable(&cell).into_owned()));
    }

    /// The table in at most `width` columns where words allow it, with a line feed at its end and no blanks at the
    /// end of a line.
    pub fn render(self, width: usize) -> String {
        let mut table = self.builder.build();
        let rule = HorizontalLine::empty().horizontal('-');
        table
            .with(Style::empty().horizontals([(1, rule)]))
            .with(Padding::new(0, 2, 0, 0))
            .with(Modify::new(Rows::new(0..)).with(Alignment::top()));
        for (at, align) in self.align.iter().enumerate() {
            if *align == Align::Right {
                table.with(Modify::new(Columns::one(at)).with(Alignment::right()));
            }
        }
        let last = self.align.len().saturating_sub(1);
        table.with(Modify::new(Columns::one(last)).with(Padding::zero()));
        table.with(
            Wrap::new(width)
                .keep_words(true)
                .priority(Priority::max(true)),
        );
        let mut text = String::new();
        for line in table.to_string().lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Grid {
        let mut grid = Grid::new([
            (Align::Left, "name"),
            (Align::Right, "price"),
            (Align::Left, "why"),
        ]);
        grid.row(["MULMOD", "8", "the slowest block of all by a wide margin"]);
        grid.row(["KECCAK256.per_word", "1_000", ""]);
        grid
    }

    #[test]
    fn columns_line_up() {
        assert_eq!(
            sample().render(120),
            "name                price  why\n\
             --------------------------------------------------------------------\n\
             MULMOD                  8  the slowest block of all by a wide margin\n\
             KECCAK256.per_word  1_000\n"
        );
    }

    #[test]
    fn a_cell_is_one_line() {
        let mut grid = Grid::new([(Align::Left, "name")]);
        grid.row(["x\nerror: forged"]);
        let lines = grid.render(120);
        assert_eq!(lines, "name\n----------------\nx\\nerror: forged\n");
    }

    #[test]
    fn a_narrow_terminal_wraps_words() {
        for line in sample().render(50).lines() {
            assert!(line.len() <= 50, "{line}");
        }
    }
}
